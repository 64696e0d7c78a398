import { expect, test } from "vitest";
import { CHUNK_ROWS } from "../bundle/chunks";
import {
  categoryCounts,
  categoryCountsOfMany,
  type Filter,
  filterFrom,
  filterText,
  filterToken,
  histogramOf,
  histogramOfMany,
  isFilterOf,
  keptOfMany,
  keptRows,
} from "./filters";
import { MISSING } from "./point-colors";

const year = { name: "year", kind: "number", path: "", dtype: "float32", low: 0, high: 10 } as const;
const group = {
  name: "group",
  kind: "category",
  path: "",
  dtype: "uint8" as const,
  categories: ["a", "b", "c"],
  counts: [3, 2, 1],
};
const column = { ...group, kind: "category" as const };
const range = (low: number, high: number): Filter => ({ kind: "range", low, high });
const without = (...codes: number[]): Filter => ({ kind: "without", codes: new Set(codes) });
const kept = (...columns: Parameters<typeof keptRows>[0]) => [...keptRows(columns, 5).mask];

const years = Float32Array.from([0, 2.5, 5, 10, Number.NaN]);
const groups = Uint8Array.from([0, 1, 2, 255, 0]);

test("a range keeps its ends and leaves out rows without a number", () => {
  expect(kept({ column: year, values: years, filter: range(2.5, 10) })).toEqual([0, 1, 1, 1, 0]);
  expect(kept({ column: year, values: years, filter: range(0, 10) })).toEqual([1, 1, 1, 1, 0]);
});

test("a range whose ends are finer than the column's numbers keeps the rows that they came from", () => {
  const values = Float32Array.from([0.1, 0.2, 0.3, 0.4, 0.5]);
  expect(kept({ column: year, values, filter: range(0.1, 0.3) })).toEqual([1, 1, 1, 0, 0]);
});

test("categories are left out by their codes, and so are rows without a value", () => {
  expect(kept({ column, values: groups, filter: without(1) })).toEqual([1, 0, 1, 1, 1]);
  expect(kept({ column, values: groups, filter: without(0, MISSING) })).toEqual([0, 1, 1, 0, 0]);
});

test("a row passes when every filter keeps it, and the rows that pass are counted", () => {
  const both = [
    { column: year, values: years, filter: range(0, 6) },
    { column, values: groups, filter: without(2) },
  ];
  expect(kept(...both)).toEqual([1, 1, 0, 0, 0]);
  expect(keptRows(both, 5).n).toBe(2);
});

test("a filter that leaves nothing out, or that a column cannot have, is none", () => {
  expect(isFilterOf(year, range(0, 10))).toBe(false);
  expect(isFilterOf(year, range(0, 9))).toBe(true);
  expect(isFilterOf(year, without(1))).toBe(false);
  expect(isFilterOf(column, without())).toBe(false);
  expect(isFilterOf(column, range(0, 1))).toBe(false);
});

test("numbers are counted in equal steps, the largest in the last, of all rows or of some", () => {
  expect(histogramOf(years, 0, 10, 4)).toEqual([1, 1, 1, 1]);
  expect(histogramOf(years, 0, 10, 4, Uint8Array.from([1, 0, 1, 1, 1]))).toEqual([1, 0, 1, 1]);
  expect(histogramOf([3, 3], 3, 3, 2)).toEqual([2, 0]);
});

test("categories are counted with those without a value last", () => {
  expect(categoryCounts(column, groups)).toEqual([2, 1, 1, 1]);
  expect(categoryCounts(column, groups, Uint8Array.from([0, 1, 1, 1, 1]))).toEqual([1, 1, 1, 1]);
});

test("many rows are sifted and counted in parts to the same end, and the page may go on in between", async () => {
  const n = 2 * CHUNK_ROWS + 7;
  const values = Float32Array.from({ length: n }, (_, row) => (row % 13 === 0 ? Number.NaN : row % 11));
  const codes = Uint8Array.from({ length: n }, (_, row) => (row % 5 === 4 ? 255 : row % 4));
  const both = [
    { column: year, values, filter: range(2, 9) },
    { column, values: codes, filter: without(1, MISSING) },
  ];
  let nPauses = 0;
  const ticking = setInterval(() => nPauses++, 0);
  const many = await keptOfMany(both, n);
  const counts = await histogramOfMany(values, 0, 10, 8, many.mask);
  const groups = await categoryCountsOfMany(column, codes, many.mask);
  clearInterval(ticking);
  const atOnce = keptRows(both, n);
  expect(many.n).toBe(atOnce.n);
  expect(Buffer.compare(many.mask, atOnce.mask)).toBe(0);
  expect(counts).toEqual(histogramOf(values, 0, 10, 8, many.mask));
  expect(groups).toEqual(categoryCounts(column, codes, many.mask));
  expect(nPauses).toBeGreaterThan(0);
});

test.each<[string, Filter]>([
  ["year", range(-1.5, 2e-7)],
  ["a: b..c", range(1, 2)],
  ["group", without(3, 0, MISSING)],
])("a filter on %s survives the address", (name, filter) => {
  expect(filterFrom(filterToken(name, filter))).toEqual([name, filter]);
});

test.each([
  "year",
  "year:",
  ":1..2",
  "year:1",
  "year:1..x",
  "year:..2",
  "year:1..2..3",
  "group:!",
  "group:!a",
  "year:1..Infinity",
])("what is no filter is none: %s", (token) => {
  expect(filterFrom(token)).toBeNull();
});

test("a chip says what is kept, or what is not, in a few words", () => {
  expect(filterText(year, range(0, 4))).toBe("≤ 4");
  expect(filterText(year, range(4, 10))).toBe("≥ 4");
  expect(filterText(year, range(1, 4))).toBe("1 … 4");
  expect(filterText(column, without(1))).toBe("a, c");
  expect(filterText(column, without(1, 2, MISSING))).toBe("a");
  const many = { ...column, categories: ["a", "b", "c", "d", "e"] };
  expect(filterText(many, without(4))).toBe("not e");
  expect(filterText(many, without(0, MISSING))).toBe("not a, no value");
  expect(filterText({ ...many, categories: Array.from("abcdefgh") }, without(0, 1, 2))).toBe("without 3 of its values");
});
