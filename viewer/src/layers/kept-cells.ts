import { NO_ROW, type Positions } from "../bundle/columns";
import type { Extent } from "../bundle/model";
import { cellAt } from "../state/camera";

/** How strongly a cell is drawn of whose items none pass the filters, or some but not the one that it shows. */
const NONE_OPACITY = 0.09;
const SOME_OPACITY = 0.42;
/** How strongly what is not selected is drawn beside what is. */
const REST_OPACITY = 0.38;
/** Levels of so few cells are counted in a table of all of them. */
const LARGEST_TABLE_LEVEL = 7;

/** What some rows, those that the filters leave or that are selected, are of the cells of a collage: counted from the items themselves, at every level that is looked at. */
export class KeptCells {
  private readonly counts = new Map<number, Map<number, number> | Uint32Array>();

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
    const counts = this.countsOf(level);
    const at = column + row * 8 * 2 ** level;
    return (counts instanceof Map ? counts.get(at) : counts[at]) ?? 0;
  }

  /** A cell whose picture shows an item that passes is drawn as ever, any other steps back. */
  opacityOf({ item, column, row }: { item: number; column: number; row: number }, level: number): number {
    if (this.keeps(item)) return 1;
    return this.countIn(level, column, row) > 0 ? SOME_OPACITY : NONE_OPACITY;
  }

  private countsOf(level: number): Map<number, number> | Uint32Array {
    let counts = this.counts.get(level);
    if (!counts) {
      counts = this.count(level);
      this.counts.set(level, counts);
    }
    return counts;
  }

  private count(level: number): Map<number, number> | Uint32Array {
    const nAcross = 8 * 2 ** level;
    const table = level <= LARGEST_TABLE_LEVEL ? new Uint32Array(nAcross * nAcross) : null;
    const met = new Map<number, number>();
    const { xy } = this.positions;
    for (let row = 0; row < this.mask.length; row++) {
      if (this.mask[row] === 0) continue;
      const cell = cellAt(this.extent, level, xy[row * 2]!, xy[row * 2 + 1]!);
      const key = cell.column + cell.row * nAcross;
      if (table) table[key]!++;
      else met.set(key, (met.get(key) ?? 0) + 1);
    }
    return table ?? met;
  }
}

/** How strongly cells are drawn: filters leave some out, and beside a selection the rest steps back a little. */
export class CellStrength {
  constructor(
    private readonly kept: KeptCells | null,
    private readonly picked: KeptCells | null,
  ) {}

  opacityOf(cell: { item: number; column: number; row: number }, level: number): number {
    const isRest = this.picked !== null && this.picked.countIn(level, cell.column, cell.row) === 0;
    return (this.kept?.opacityOf(cell, level) ?? 1) * (isRest ? REST_OPACITY : 1);
  }

  /** How strongly is drawn what stands in for cells that are not known yet. */
  get standIn(): number {
    return this.kept ? NONE_OPACITY : REST_OPACITY;
  }
}
