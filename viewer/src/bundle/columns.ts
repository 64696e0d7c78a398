import { inChunks } from "./chunks";
import type { AtlasFiles } from "./files";
import type { AtlasMap, ColorColumn, NumberColor } from "./model";
import { placeIn, type TileDirectory, tileSquare } from "./point-tiles";

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

/** The column of activations of a map that is conditioned on one. */
export function activationColumn(map: Pick<AtlasMap, "latent" | "activation" | "colors">): NumberColor | undefined {
  if (!(map.latent ?? map.activation)) return undefined;
  return map.colors.find((one): one is NumberColor => one.name === ACTIVATION && one.kind === "number");
}

export async function readPositions(files: AtlasFiles, map: AtlasMap, nSetItems: number): Promise<Positions> {
  const [xyBytes, itemBytes] = await Promise.all([files.readInflated(map.points.xy), files.readInflated(map.points.item!)]);
  const item = new Uint32Array(itemBytes.buffer);
  const rowOf = new Uint32Array(nSetItems).fill(NO_ROW);
  for (let row = 0; row < item.length; row++) rowOf[item[row]!] = row;
  return { xy: new Float32Array(xyBytes.buffer), item, rowOf };
}

/** The places of a tiled map, all of them: 8 bytes an item, and 8 for items and rows, which are the same. */
export async function readTiledPositions(files: AtlasFiles, map: AtlasMap, directory: TileDirectory): Promise<Positions> {
  const places = new Uint16Array((await files.read(map.points.xy)).buffer);
  const xy = new Float32Array(2 * map.nItems);
  const item = new Uint32Array(map.nItems);
  await inChunks(map.nItems, (start, end) => {
    let tile = directory.ofRow(start)!;
    for (let row = start; row < end; row++) {
      if (row >= tile.start + tile.n) tile = directory.tiles[tile.index + 1]!;
      const { x, y } = placeIn(tileSquare(map.extent, tile), places[2 * row]!, places[2 * row + 1]!);
      xy[2 * row] = x;
      xy[2 * row + 1] = y;
      item[row] = row;
    }
  });
  return { xy, item, rowOf: item };
}

/** A byte for each row, such as a share in [0, 1] in steps of 1/255. */
export function readBytes(files: AtlasFiles, path: string, isTiled: boolean): Promise<Uint8Array> {
  return columnBytes(files, path, isTiled);
}

/** The number of each row's region in one level. */
export async function readRegionCodes(files: AtlasFiles, path: string, isTiled: boolean): Promise<Uint16Array> {
  return new Uint16Array((await columnBytes(files, path, isTiled)).buffer);
}

/** Where a tiled map keeps what a column is drawn by, and how many bytes a row takes there. */
export function drawnFile(column: ColorColumn): { path: string; nBytes: 1 | 2 } {
  if (column.kind === "category") return { path: column.path, nBytes: column.dtype === "uint16" ? 2 : 1 };
  return { path: column.shades ?? column.path, nBytes: 1 };
}

/** Category codes or numbers, one a row. */
export async function readColors(
  files: AtlasFiles,
  column: ColorColumn,
  isTiled = false,
): Promise<Uint8Array | Uint16Array | Float32Array> {
  const bytes = await columnBytes(files, column.path, isTiled);
  if (column.dtype === "float32") return new Float32Array(bytes.buffer);
  return column.dtype === "uint16" ? new Uint16Array(bytes.buffer) : bytes;
}

/** A column whole; those of a tiled map are not compressed, whatever their first bytes look like. */
function columnBytes(files: AtlasFiles, path: string, isTiled: boolean): Promise<Uint8Array<ArrayBuffer>> {
  return isTiled ? files.read(path) : files.readInflated(path);
}
