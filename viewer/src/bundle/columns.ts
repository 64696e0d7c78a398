import type { AtlasFiles } from "./files";
import type { AtlasMap, ColorColumn } from "./model";

/** Where the items lie, in drawing order, and at which row of it each item stands. */
export interface Positions {
  /** (2 · n) x, y pairs in layout units. */
  xy: Float32Array;
  /** (n) item of each row. */
  item: Uint32Array;
  /** Row of each item; `NO_ROW` for items of the set that this map does not show. */
  rowOf: Uint32Array;
}

export const NO_ROW = 0xffffffff;

/** What a latent's map calls the column of its activations. */
export const ACTIVATION = "activation";

export async function readPositions(files: AtlasFiles, map: AtlasMap, nSetItems: number): Promise<Positions> {
  const [xyBytes, itemBytes] = await Promise.all([files.readInflated(map.points.xy), files.readInflated(map.points.item)]);
  const item = new Uint32Array(itemBytes.buffer);
  const rowOf = new Uint32Array(nSetItems).fill(NO_ROW);
  for (let row = 0; row < item.length; row++) rowOf[item[row]!] = row;
  return { xy: new Float32Array(xyBytes.buffer), item, rowOf };
}

/** A share in [0, 1] for each row, stored in steps of 1/255. */
export function readShares(files: AtlasFiles, path: string): Promise<Uint8Array> {
  return files.readInflated(path);
}

/** The number of each row's region in one level. */
export async function readRegionCodes(files: AtlasFiles, path: string): Promise<Uint16Array> {
  return new Uint16Array((await files.readInflated(path)).buffer);
}

/** Category codes or numbers, one a row. */
export async function readColors(files: AtlasFiles, column: ColorColumn): Promise<Uint8Array | Uint16Array | Float32Array> {
  const bytes = await files.readInflated(column.path);
  if (column.dtype === "float32") return new Float32Array(bytes.buffer);
  return column.dtype === "uint16" ? new Uint16Array(bytes.buffer) : bytes;
}
