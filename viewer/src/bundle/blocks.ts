import type { AtlasFiles } from "./files";
import { inflated } from "./gzip";

/** A file of blocks, one after another, and an index of their lengths. */
export class Blocks {
  private index: Promise<Float64Array> | undefined;

  constructor(
    private readonly files: AtlasFiles,
    private readonly dataPath: string,
    private readonly indexPath: string,
  ) {}

  /** The bytes of one block, or null where the block is empty or does not exist. */
  async read(block: number): Promise<Uint8Array<ArrayBuffer> | null> {
    this.index ??= this.files.readInflated(this.indexPath).then(blockStarts);
    const starts = await this.index;
    const start = starts[block];
    const end = starts[block + 1];
    if (start === undefined || end === undefined || end === start) return null;
    return this.files.span(this.dataPath, start, end - start);
  }

  /** The text of one block, inflated, or null. */
  async readText(block: number): Promise<string | null> {
    const bytes = await this.read(block);
    return bytes && new TextDecoder().decode(await inflated(bytes));
  }
}

/** Turns the index's uint32 lengths into the starts of all blocks and the end of the last. */
export function blockStarts(bytes: Uint8Array<ArrayBuffer>): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nBlocks = bytes.byteLength >> 2;
  const starts = new Float64Array(nBlocks + 1);
  for (let block = 0; block < nBlocks; block++) starts[block + 1] = starts[block]! + view.getUint32(block * 4, true);
  return starts;
}
