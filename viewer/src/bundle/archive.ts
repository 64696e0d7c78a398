import { PMTiles, type RangeResponse, type Source } from "pmtiles";
import type { AtlasFiles } from "./files";

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

class FileSource implements Source {
  constructor(
    private readonly files: AtlasFiles,
    private readonly path: string,
  ) {}

  getKey(): string {
    return this.path;
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    return { data: (await this.files.span(this.path, offset, length)).buffer };
  }
}
