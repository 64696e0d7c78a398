import { expect, test } from "vitest";
import type { MapLabel } from "../bundle/model";
import { type NamedMap, type NameRange, nameRanges } from "./name-ranges";

const SIZE = 512; // a layout unit is a pixel at zoom 0
const LABEL: MapLabel = {
  text: "a name",
  x: 0,
  y: 0,
  level: 0,
  region: 0,
  nItems: 100,
  minZoom: -1,
  maxZoom: 2,
  widthPx: 80,
  heightPx: 20,
  fontPx: 16,
};
const MAP: NamedMap = { size: SIZE, nItems: 1_000, isFirst: () => false };

function label(part: Partial<MapLabel>): MapLabel {
  return { ...LABEL, ...part };
}

function shownAt(labels: readonly MapLabel[], zoom: number, map = MAP): number[] {
  return shownOf(nameRanges(labels, map), zoom);
}

function shownOf(ranges: readonly NameRange[], zoom: number): number[] {
  const shown = ranges.filter(({ from, until }) => zoom >= from && zoom < until);
  return shown.map(({ index }) => index).sort((a, b) => a - b);
}

/** A made-up map: places and sizes from a sequence that is the same in every run. */
function someLabels(n: number): MapLabel[] {
  let state = 7;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: n }, (_, index) => {
    const level = Math.floor(3 * random());
    const [x, y, widthPx] = [random() * SIZE, random() * SIZE, 30 + 90 * random()];
    const nItems = 1 + Math.floor((300 * random()) / 4 ** level);
    return label({ x, y, widthPx, level, region: index, nItems, minZoom: [-1, 0, 0.5][level]!, maxZoom: [0.5, 1, 9][level]! });
  });
}

test("of two names that would overlap the larger region's shows, and the other once there is room", () => {
  const labels = [label({ nItems: 60 }), label({ nItems: 90, x: 40, y: 5 })];
  expect(shownAt(labels, 0)).toEqual([1]);
  expect(shownAt(labels, 1.2)).toEqual([0, 1]);
});

test("a small part is not named before what it lies in, though the atlas would show it first", () => {
  const large = label({ nItems: 500, maxZoom: 0, widthPx: 200, heightPx: 26 });
  const small = label({ nItems: 5, level: 2, minZoom: 0, maxZoom: 9, x: 30, y: 8 });
  expect(shownAt([large, small], 0.1)).toEqual([0]);
  expect(shownAt([large, small], 4)).toEqual([1]);
});

test("missed and open regions are named before all others, at every zoom", () => {
  const labels = [label({ nItems: 500 }), label({ nItems: 2, level: 2, minZoom: 4, maxZoom: 9, x: 10 })];
  const isFirst = ({ level }: MapLabel) => level === 2;
  for (const zoom of [-2, 0, 3, 12]) expect(shownAt(labels, zoom, { ...MAP, isFirst })).toContain(1);
  expect(shownAt(labels, 0, { ...MAP, isFirst })).toEqual([1]);
});

test("no two names overlap at any zoom, and none comes and goes again while one zooms", () => {
  const labels = someLabels(120);
  const ranges = nameRanges(labels, MAP);
  const seen = new Map<number, number>();
  const overlaps: [number, number][] = [];
  const again: number[] = [];
  for (let zoom = -2; zoom < 8; zoom += 0.05) {
    const shown = shownOf(ranges, zoom);
    for (const one of shown) {
      if (Math.abs((seen.get(one) ?? zoom - 0.05) - zoom + 0.05) > 1e-6) again.push(one);
      seen.set(one, zoom);
      for (const other of shown) {
        if (other <= one) continue;
        const [a, b] = [labels[one]!, labels[other]!];
        const scale = 2 ** zoom;
        const areApart =
          Math.abs(a.x - b.x) * scale >= (a.widthPx + b.widthPx) / 2 ||
          Math.abs(a.y - b.y) * scale >= (a.heightPx + b.heightPx) / 2;
        if (!areApart) overlaps.push([one, other]);
      }
    }
  }
  expect([overlaps, again]).toEqual([[], []]);
  expect(seen.size).toBeGreaterThan(40);
});

test("the ranges do not depend on the order of the names", () => {
  const labels = someLabels(60);
  const turned = [...labels].reverse();
  expect(nameRanges(turned, MAP).map((range) => ({ ...range, index: labels.length - 1 - range.index }))).toEqual(
    nameRanges(labels, MAP),
  );
});
