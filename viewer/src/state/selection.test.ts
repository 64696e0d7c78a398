import { expect, test } from "vitest";
import { NO_ROW } from "../bundle/columns";
import { rowsInside } from "../bundle/inside";
import type { MapData } from "../bundle/map-data";
import { titlesSearcher } from "../bundle/searcher";
import { titlesFrom } from "../bundle/titles";
import { Selection } from "./selection.svelte";
import { Sieve } from "./sieve.svelte";

/** Five rows of the seven items of a set: row r shows item `item[r]` at (r, 0), in region r of two. */
const item = Uint32Array.from([6, 2, 0, 4, 1]);
const positions = {
  xy: Float32Array.from([0, 0, 1, 0, 2, 0, 3, 0, 4, 0]),
  item,
  rowOf: Uint32Array.from([2, 4, 1, NO_ROW, 3, NO_ROW, 0]),
};
const year = { name: "year", kind: "number", path: "", dtype: "float32", low: 0, high: 4 } as const;

function dataOf(codes: Uint16Array | null = Uint16Array.from([0, 0, 1, 1, 1])): MapData {
  const titles = titlesFrom(new TextEncoder().encode("sea a\nsea b\nsky\nsea c\nsky\nsea d\nsea e"));
  return {
    map: { nItems: 5, colors: [year] },
    set: { nItems: 7 },
    items: { searcher: async () => titlesSearcher(titles, 7) },
    positions: async () => positions,
    rowsInside: (polygon: never) => rowsInside(positions.xy, polygon),
    regionCodes: async () => codes,
    colorValues: async () => Float32Array.from([0, 1, 2, 3, 4]),
  } as unknown as MapData;
}

function selecting(data = dataOf()) {
  const steps: number[] = [];
  const selection = new Selection(data, new Sieve(data), [], () => steps.push(1));
  return { selection, steps };
}

const rows = ({ picked }: Selection) => (picked ? [...picked.mask].flatMap((one, row) => (one ? [row] : [])) : null);
const box = (x0: number, x1: number) => ({
  kind: "shape" as const,
  corners: [
    { x: x0, y: -1 },
    { x: x1, y: -1 },
    { x: x1, y: 1 },
    { x: x0, y: 1 },
  ],
});

test("shapes add to the selection, take from it, and set it anew", async () => {
  const { selection } = selecting();
  await selection.act("set", box(0.5, 2.5));
  expect(rows(selection)).toEqual([1, 2]);
  await selection.act("add", box(3.5, 5));
  expect(rows(selection)).toEqual([1, 2, 4]);
  await selection.act("less", box(1.5, 2.5));
  expect(rows(selection)).toEqual([1, 4]);
  await selection.act("set", box(-1, 0.5));
  expect(rows(selection)).toEqual([0]);
});

test("the selection is turned inside out", async () => {
  const { selection } = selecting();
  await selection.act("set", box(0.5, 2.5));
  await selection.invert();
  expect(rows(selection)).toEqual([0, 3, 4]);
  expect(selection.picked?.n).toBe(3);
});

test("regions, found texts, filters and items select the rows that the map shows of them", async () => {
  const { selection } = selecting();
  await selection.act("set", { kind: "region", level: 0, region: 1 });
  expect(rows(selection)).toEqual([2, 3, 4]);
  await selection.act("set", { kind: "found", query: "SEA" });
  expect(rows(selection)).toEqual([0, 2, 4]);
  await selection.act("set", { kind: "kept", filters: new Map([["year", { kind: "range", low: 3, high: 9 }]]) });
  expect(rows(selection)).toEqual([3, 4]);
  await selection.act("set", { kind: "items", items: [4, 3, 99] });
  expect(rows(selection)).toEqual([3]);
  expect([...(await selection.items())]).toEqual([4]);
});

test("where nothing is left there is no selection", async () => {
  const { selection, steps } = selecting();
  await selection.act("set", box(0.5, 2.5));
  await selection.act("less", { kind: "all" });
  expect(selection.picked).toBeNull();
  selection.clear();
  expect([selection.acts.length, steps.length]).toEqual([0, 3]);
});

test("the steps of an address lead to the same rows", async () => {
  const { selection } = selecting();
  await selection.act("set", box(0.5, 2.5));
  await selection.act("flip", { kind: "items", items: [6] });
  const again = selecting().selection;
  await again.restore(selection.inAddress!);
  expect(rows(again)).toEqual([0, 1, 2]);
});

test("many steps with few items are told as items, and one never tells what it cannot", async () => {
  const { selection } = selecting();
  for (let at = 0; at < 60; at++) await selection.act("add", { ...box(0.5, 2 + at / 100) });
  expect(selection.inAddress).toEqual([{ how: "set", target: { kind: "items", items: [0, 2] } }]);
});

test("what is selected by its place is named item by item for another map, and what is found is found there again", async () => {
  const { selection } = selecting();
  await selection.act("set", box(0.5, 2.5));
  expect(selection.onOtherMaps).toEqual([{ how: "set", target: { kind: "items", items: [0, 2] } }]);
  await selection.act("set", { kind: "found", query: "sea" });
  expect(selection.onOtherMaps).toEqual(selection.acts);
  selection.clear();
  await new Promise((resolve) => setTimeout(resolve));
  expect(selection.onOtherMaps).toEqual([]);
});

test("an early atlas says why the items of a region cannot be selected", async () => {
  const { selection } = selecting(dataOf(null));
  await selection.act("set", { kind: "region", level: 0, region: 1 });
  expect(selection.problem).toContain("does not say which items");
  await selection.act("set", { kind: "all" });
  expect([selection.problem, selection.picked?.n]).toEqual([null, 5]);
});

test("a step that is overtaken by the next does not show", async () => {
  const { selection } = selecting();
  const first = selection.act("set", { kind: "found", query: "sky" });
  const second = selection.act("set", box(-1, 0.5));
  await Promise.all([first, second]);
  expect(rows(selection)).toEqual([0]);
});
