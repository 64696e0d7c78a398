import { Blocks } from "./blocks";
import { CELL_PX, CELLS_PER_TILE, type Cell, TILE_PX } from "./cells";
import type { AtlasFiles } from "./files";

const PICTURES_PER_SHEET = CELLS_PER_TILE ** 2;
const MAX_SHEETS = 64;

/**
 * The pictures of the deeper levels, 64 to a sheet, from which a tile is put together where it is drawn.
 *
 *     sheet                 cells of a tile
 *     ┌────┬────┬────       ┌────┬────┬────
 *     │ 64 │ 65 │ 66        │    │ 66 │        a cell says which picture stands in it
 *     ├────┼────┼────   →   ├────┼────┼────
 *     │ 72 │ 73 │ 74        │ 64 │    │
 */
export class Sheets {
  private readonly blocks: Blocks;
  private readonly sheets = new Map<number, Promise<ImageBitmap | null>>();

  constructor(
    files: AtlasFiles,
    { data, index }: { data: string; index: string },
    private readonly decode: (bytes: Uint8Array<ArrayBuffer>) => Promise<ImageBitmap>,
  ) {
    this.blocks = new Blocks(files, data, index);
  }

  /** The picture of a tile with these cells, or null where none of them has one. */
  async tile(cells: Cell[]): Promise<ImageBitmap | null> {
    const shown = cells.filter((cell) => cell.picture !== null);
    if (shown.length === 0) return null;
    const sheets = new Map<number, ImageBitmap | null>();
    const numbers = new Set(shown.map((cell) => sheetOf(cell.picture!)));
    await Promise.all([...numbers].map(async (number) => sheets.set(number, await this.sheet(number))));
    const canvas = new OffscreenCanvas(TILE_PX, TILE_PX);
    const context = canvas.getContext("2d");
    for (const cell of shown) {
      const sheet = sheets.get(sheetOf(cell.picture!));
      if (!sheet) continue;
      const place = cell.picture! % PICTURES_PER_SHEET;
      const from = [(place % CELLS_PER_TILE) * CELL_PX, Math.floor(place / CELLS_PER_TILE) * CELL_PX] as const;
      const to = [(cell.column % CELLS_PER_TILE) * CELL_PX, (cell.row % CELLS_PER_TILE) * CELL_PX] as const;
      context?.drawImage(sheet, ...from, CELL_PX, CELL_PX, ...to, CELL_PX, CELL_PX);
    }
    return canvas.transferToImageBitmap();
  }

  private sheet(number: number): Promise<ImageBitmap | null> {
    let sheet = this.sheets.get(number);
    if (!sheet) {
      sheet = this.blocks.read(number).then((bytes) => bytes && this.decode(bytes));
      sheet.catch(() => this.sheets.delete(number));
      const oldest = this.sheets.keys().next();
      if (this.sheets.size >= MAX_SHEETS && !oldest.done) this.sheets.delete(oldest.value);
    }
    this.sheets.delete(number);
    this.sheets.set(number, sheet);
    return sheet;
  }
}

function sheetOf(picture: number): number {
  return Math.floor(picture / PICTURES_PER_SHEET);
}
