import { inChunks } from "../bundle/chunks";
import type { CategoryColor, ColorColumn, NumberColor } from "../bundle/model";
import { MISSING } from "./point-colors";
import { countText, numberText } from "./wording";

/** Keeps rows whose number lies from `low` to `high`, both included; rows without a number are left out. */
export interface RangeFilter {
  kind: "range";
  low: number;
  high: number;
}

/** Leaves out the rows of some categories; `MISSING` stands for rows without a value. */
export interface CategoryFilter {
  kind: "without";
  codes: ReadonlySet<number>;
}

export type Filter = RangeFilter | CategoryFilter;
/** Filters by the names of their columns; a row is kept when every one of them keeps it. */
export type Filters = ReadonlyMap<string, Filter>;

/** Which rows of a map are kept, and how many. */
export interface Kept {
  /** (n_rows) 1 where a row is kept. */
  mask: Uint8Array;
  n: number;
}

export interface FilteredColumn {
  column: ColorColumn;
  values: ArrayLike<number>;
  filter: Filter;
}

/** Says of every row whether all filters keep it. */
export function keptRows(columns: readonly FilteredColumn[], nRows: number): Kept {
  const mask = new Uint8Array(nRows);
  return { mask, n: siftRows(columns, mask, 0, nRows) };
}

/** The same for many rows, without holding up the page. */
export async function keptOfMany(columns: readonly FilteredColumn[], nRows: number): Promise<Kept> {
  const mask = new Uint8Array(nRows);
  let n = 0;
  await inChunks(nRows, (start, end) => {
    n += siftRows(columns, mask, start, end);
  });
  return { mask, n };
}

/** Marks the rows of a part that all filters keep, and counts them. */
function siftRows(columns: readonly FilteredColumn[], mask: Uint8Array, start: number, end: number): number {
  mask.fill(1, start, end);
  for (const { column, values, filter } of columns) {
    if (filter.kind === "range") {
      // Columns are float32, so the ends must be as coarse, or a row would fall out of its own value.
      const low = Math.fround(filter.low);
      const high = Math.fround(filter.high);
      for (let row = start; row < end; row++) if (!(values[row]! >= low && values[row]! <= high)) mask[row] = 0;
    } else if (column.kind === "category") {
      const nCategories = column.categories.length;
      const isKept = Uint8Array.from({ length: nCategories + 1 }, (_, code) =>
        Number(!filter.codes.has(code < nCategories ? code : MISSING)),
      );
      for (let row = start; row < end; row++) mask[row]! &= isKept[Math.min(values[row]!, nCategories)]!;
    }
  }
  let n = 0;
  for (let row = start; row < end; row++) n += mask[row]!;
  return n;
}

/** Whether a filter is of the kind that a column can have, and leaves anything out. */
export function isFilterOf(column: ColorColumn, filter: Filter): boolean {
  if (filter.kind === "range") return column.kind === "number" && (filter.low > column.low || filter.high < column.high);
  return column.kind === "category" && filter.codes.size > 0;
}

/** Counts the numbers in equal steps from `low` to `high`; only kept rows where a mask is given. */
export function histogramOf(values: ArrayLike<number>, low: number, high: number, nBins: number, mask?: Uint8Array): number[] {
  const counts = new Array<number>(nBins).fill(0);
  addToHistogram(counts, values, low, high, mask, 0, values.length);
  return counts;
}

/** The same for many rows, without holding up the page. */
export async function histogramOfMany(
  values: ArrayLike<number>,
  low: number,
  high: number,
  nBins: number,
  mask?: Uint8Array,
): Promise<number[]> {
  const counts = new Array<number>(nBins).fill(0);
  await inChunks(values.length, (start, end) => addToHistogram(counts, values, low, high, mask, start, end));
  return counts;
}

function addToHistogram(
  counts: number[],
  values: ArrayLike<number>,
  low: number,
  high: number,
  mask: Uint8Array | undefined,
  start: number,
  end: number,
): void {
  const last = counts.length - 1;
  const scale = high > low ? counts.length / (high - low) : 0;
  for (let row = start; row < end; row++) {
    const value = values[row]!;
    if (value >= low && value <= high && mask?.[row] !== 0) counts[Math.min(last, Math.floor((value - low) * scale))]!++;
  }
}

/** Counts the rows of each category; the last count is of rows without a value. */
export function categoryCounts(column: CategoryColor, values: ArrayLike<number>, mask?: Uint8Array): number[] {
  const counts = new Array<number>(column.categories.length + 1).fill(0);
  addToCounts(counts, values, mask, 0, values.length);
  return counts;
}

/** The same for many rows, without holding up the page. */
export async function categoryCountsOfMany(
  column: CategoryColor,
  values: ArrayLike<number>,
  mask?: Uint8Array,
): Promise<number[]> {
  const counts = new Array<number>(column.categories.length + 1).fill(0);
  await inChunks(values.length, (start, end) => addToCounts(counts, values, mask, start, end));
  return counts;
}

function addToCounts(
  counts: number[],
  values: ArrayLike<number>,
  mask: Uint8Array | undefined,
  start: number,
  end: number,
): void {
  const last = counts.length - 1;
  for (let row = start; row < end; row++) if (mask?.[row] !== 0) counts[Math.min(last, values[row]!)]!++;
}

/** What a filter keeps, in a few words. */
export function filterText(column: ColorColumn, filter: Filter): string {
  if (filter.kind === "range") return rangeText(column as NumberColor, filter);
  const { categories } = column as CategoryColor;
  const nameOf = (code: number) => (code === MISSING ? "no value" : (categories[code] ?? "?"));
  const kept = categories.map((_, code) => code).filter((code) => !filter.codes.has(code));
  if (kept.length > 0 && kept.length <= 2) return kept.map(nameOf).join(", ");
  const [first, ...others] = [...filter.codes].map(nameOf);
  return others.length > 1 ? `without ${countText(filter.codes.size)} of its values` : `not ${[first, ...others].join(", ")}`;
}

function rangeText(column: NumberColor, { low, high }: RangeFilter): string {
  if (low <= column.low) return `≤ ${numberText(high)}`;
  return high >= column.high ? `≥ ${numberText(low)}` : `${numberText(low)} … ${numberText(high)}`;
}

/** A filter as it stands in the address: `year:1990..2000` or `group:!0,3`. */
export function filterToken(name: string, filter: Filter): string {
  const short = (value: number) => String(Number(value.toPrecision(7)));
  if (filter.kind === "range") return `${name}:${short(filter.low)}..${short(filter.high)}`;
  return `${name}:!${[...filter.codes].sort((a, b) => a - b).join(",")}`;
}

/** Reads what `filterToken` wrote; null where it is no filter. */
export function filterFrom(token: string): [name: string, filter: Filter] | null {
  const colon = token.lastIndexOf(":");
  const name = token.slice(0, colon);
  const said = token.slice(colon + 1);
  if (colon < 1) return null;
  const codes = /^!(-?\d+(?:,-?\d+)*)$/.exec(said)?.[1];
  if (codes !== undefined) return [name, { kind: "without", codes: new Set(codes.split(",").map(Number)) }];
  const ends = said.split("..").map((end) => (end.trim() === "" ? Number.NaN : Number(end)));
  const [low, high] = ends;
  if (ends.length !== 2 || !ends.every(Number.isFinite)) return null;
  return [name, { kind: "range", low: low!, high: high! }];
}
