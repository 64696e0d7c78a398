/** One occupied cell of a collage tile: which item stands there, and for how many. */
export interface Cell {
  /** Column and row within the whole level, not within the tile. */
  column: number;
  row: number;
  isTextCard: boolean;
  isFromLibrary: boolean;
  item: number;
  count: number;
  /** Mean distance of the cell's items to the representative, in the representation. */
  spread: number;
  /** Number of its picture in the sheets, or null where it is on none. */
  picture: number | null;
}

export const CELLS_PER_TILE = 8;
export const TILE_PX = 512; // of the collage, and of the map at zoom 0
export const CELL_PX = TILE_PX / CELLS_PER_TILE;
const BYTES_PER_CELL = 20;
const NO_PICTURE = 2 ** 32 - 1;

/** Reads the payload of tile (tx, ty) of `cells.pmtiles`. */
export function decodeCells(payload: ArrayBuffer, tx: number, ty: number): Cell[] {
  const view = new DataView(payload);
  const cells: Cell[] = [];
  for (let at = 0; at + BYTES_PER_CELL <= payload.byteLength; at += BYTES_PER_CELL) {
    const flags = view.getUint16(at + 2, true);
    const picture = view.getUint32(at + 16, true);
    cells.push({
      column: tx * CELLS_PER_TILE + view.getUint8(at),
      row: ty * CELLS_PER_TILE + view.getUint8(at + 1),
      isTextCard: (flags & 1) !== 0,
      isFromLibrary: (flags & 2) !== 0,
      item: view.getUint32(at + 4, true),
      count: view.getUint32(at + 8, true),
      spread: view.getFloat32(at + 12, true),
      picture: picture === NO_PICTURE ? null : picture,
    });
  }
  return cells;
}
