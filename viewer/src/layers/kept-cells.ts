import { NO_ROW, type Positions } from "../bundle/columns";
import type { Extent } from "../bundle/model";
import { cellAt } from "../state/camera";

/** How strongly a cell is drawn of whose items none pass the filters, or some but not the one that it shows. */
export const NONE_OPACITY = 0.09;
const SOME_OPACITY = 0.42;

/** What the filters leave of the cells of a collage: counted from the items themselves, at every level that is looked at. */
export class KeptCells {
  private readonly counts = new Map<number, Map<number, number>>();

  constructor(
    private readonly positions: Positions,
    private readonly extent: Extent,
    private readonly mask: Uint8Array,
  ) {}

  keeps(item: number): boolean {
    const row = this.positions.rowOf[item] ?? NO_ROW;
    return row !== NO_ROW && this.mask[row] !== 0;
  }

  /** How many items in a cell of a level pass. */
  countIn(level: number, column: number, row: number): number {
    return this.countsOf(level).get(column + row * 8 * 2 ** level) ?? 0;
  }

  /** A cell whose picture shows an item that passes is drawn as ever, any other steps back. */
  opacityOf({ item, column, row }: { item: number; column: number; row: number }, level: number): number {
    if (this.keeps(item)) return 1;
    return this.countIn(level, column, row) > 0 ? SOME_OPACITY : NONE_OPACITY;
  }

  private countsOf(level: number): Map<number, number> {
    let counts = this.counts.get(level);
    if (!counts) {
      counts = new Map();
      const { xy } = this.positions;
      for (let row = 0; row < this.mask.length; row++) {
        if (this.mask[row] === 0) continue;
        const cell = cellAt(this.extent, level, xy[row * 2]!, xy[row * 2 + 1]!);
        const key = cell.column + cell.row * 8 * 2 ** level;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      this.counts.set(level, counts);
    }
    return counts;
  }
}
