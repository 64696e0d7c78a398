import { PMTiles, type RangeResponse, type Source } from "pmtiles";
import type { AtlasFiles } from "./files";

/** The header of an archive; bytes 8 and 16 say where its root directory starts, and how long it is. */
const HEADER_BYTES = 127;
/** What is read of an archive at first. Most roots end before; the reader of the format would ask for nearly twice as much. */
const FIRST_BYTES = 9_000;

/** A PMTiles archive of one map. Its header's bounds mean nothing: the map's extent is in the manifest. */
export class TileArchive {
  private readonly archive: PMTiles;

  constructor(files: AtlasFiles, path: string) {
    this.archive = new PMTiles(new FileSource(files, path));
  }

  /** The payload of a tile, or null where the map has nothing. */
  async tile(z: number, tx: number, ty: number): Promise<ArrayBuffer | null> {
    return (await this.archive.getZxy(z, tx, ty))?.data ?? null;
  }
}

/** The bytes of an archive; of its beginning no more than the root directory needs. */
export class FileSource implements Source {
  constructor(
    private readonly files: Pick<AtlasFiles, "span">,
    private readonly path: string,
  ) {}

  getKey(): string {
    return this.path;
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    if (offset === 0 && length > FIRST_BYTES) return { data: await this.beginning() };
    return { data: (await this.files.span(this.path, offset, length)).buffer };
  }

  private async beginning(): Promise<ArrayBuffer> {
    const first = await this.files.span(this.path, 0, FIRST_BYTES);
    if (first.length < HEADER_BYTES) return first.buffer;
    const header = new DataView(first.buffer);
    const end = Number(header.getBigUint64(8, true) + header.getBigUint64(16, true));
    if (end <= first.length || first.length < FIRST_BYTES) return first.buffer;
    const rest = await this.files.span(this.path, FIRST_BYTES, end - FIRST_BYTES);
    const whole = new Uint8Array(first.length + rest.length);
    whole.set(first);
    whole.set(rest, first.length);
    return whole.buffer;
  }
}
