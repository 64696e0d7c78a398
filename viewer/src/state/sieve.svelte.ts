import { CHUNK_ROWS } from "../bundle/chunks";
import type { MapData } from "../bundle/map-data";
import type { ColorColumn } from "../bundle/model";
import { type Filter, type FilteredColumn, type Filters, isFilterOf, type Kept, keptOfMany, keptRows } from "./filters";

type Values = Uint8Array | Uint16Array | Float32Array;

/** The filters of a map, and which of its rows pass them all: exact over every row, however many are drawn. */
export class Sieve {
  filters = $state.raw<Filters>(new Map());
  /** Null while nothing is filtered. */
  kept = $state.raw<Kept | null>(null);
  /** Why the filters cannot be applied; null while they can. */
  problem = $state<string | null>(null);
  private readonly values = new Map<string, Values>();
  private turn = 0;
  private isSifting = false;

  constructor(
    private readonly data: MapData,
    filters: Filters = new Map(),
    /** Told of each change that a person makes, with the column; null where all were freed. */
    private readonly onStep: (name: string | null) => void = () => {},
  ) {
    const known = [...filters].filter(([name, filter]) => {
      const column = this.columnOf(name);
      return column !== undefined && isFilterOf(column, filter);
    });
    if (known.length > 0) this.apply(new Map(known));
  }

  columnOf(name: string): ColorColumn | undefined {
    return this.data.map.colors.find((column) => column.name === name);
  }

  /** Filters by a column; null, or a filter that leaves nothing out, frees it. */
  set(name: string, filter: Filter | null): void {
    const column = this.columnOf(name);
    const next = new Map(this.filters);
    if (column && filter && isFilterOf(column, filter)) next.set(name, filter);
    else next.delete(name);
    this.apply(next);
    this.onStep(name);
  }

  /** Filters as it was before, without making a step of it. */
  restore(filters: Filters): void {
    this.apply(filters);
  }

  /** Leaves a category out, or takes it in again. */
  toggle(name: string, code: number): void {
    const now = this.filters.get(name);
    const codes = new Set(now?.kind === "without" ? now.codes : []);
    if (!codes.delete(code)) codes.add(code);
    this.set(name, { kind: "without", codes });
  }

  clear(): void {
    this.apply(new Map());
    this.onStep(null);
  }

  hides(name: string, code: number): boolean {
    const filter = this.filters.get(name);
    return filter?.kind === "without" && filter.codes.has(code);
  }

  /** The rows that the filters of all other columns keep. */
  async keptWithout(name: string): Promise<Kept | null> {
    const others = [...this.filters].filter(([other]) => other !== name);
    return others.length === 0 ? null : keptOfMany(await this.columnsOf(others), this.data.map.nItems);
  }

  /** (n_rows) 1 for each row that some filters keep; filters on columns that the map lacks are left aside. */
  async rowsKept(filters: Filters): Promise<Uint8Array> {
    const known = [...filters].filter(([name]) => this.columnOf(name) !== undefined);
    return keptRows(await this.columnsOf(known), this.data.map.nItems).mask;
  }

  async valuesOf(column: ColorColumn): Promise<Values> {
    const values = await this.data.colorValues(column);
    this.values.set(column.name, values);
    return values;
  }

  /** Filters at once where the values are at hand, so that a handle that is dragged never lags. */
  private apply(filters: Filters): void {
    this.filters = filters;
    const turn = ++this.turn;
    if (this.data.map.nItems > CHUNK_ROWS) {
      void this.siftMany();
      return;
    }
    const show = (columns: FilteredColumn[]) => {
      if (turn === this.turn) this.kept = filters.size === 0 ? null : keptRows(columns, this.data.map.nItems);
    };
    const atHand = [...filters].every(([name]) => this.values.has(name));
    if (atHand) show([...filters].map(([name, filter]) => this.filtered(name, filter, this.values.get(name)!)));
    else this.columnsOf([...filters]).then(show, (error: Error) => (this.problem = error.message));
  }

  /** Many rows take longer than a handle moves: what was wanted last comes next, and nothing is begun twice. */
  private async siftMany(): Promise<void> {
    if (this.isSifting) return;
    this.isSifting = true;
    try {
      for (let turn = -1; turn !== this.turn; ) {
        turn = this.turn;
        const filters = [...this.filters];
        this.kept = filters.length === 0 ? null : await keptOfMany(await this.columnsOf(filters), this.data.map.nItems);
      }
    } catch (error) {
      this.problem = (error as Error).message;
    }
    this.isSifting = false;
  }

  private columnsOf(filters: [string, Filter][]): Promise<FilteredColumn[]> {
    return Promise.all(
      filters.map(async ([name, filter]) => this.filtered(name, filter, await this.valuesOf(this.columnOf(name)!))),
    );
  }

  private filtered(name: string, filter: Filter, values: Values): FilteredColumn {
    return { column: this.columnOf(name)!, filter, values };
  }
}
