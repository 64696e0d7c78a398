import { expect, test } from "vitest";
import { type PointTile, TileDirectory } from "../bundle/point-tiles";
import { choiceAt, choiceWithin, crowdIn, type TiledMap } from "./tile-choice";

const EXTENT = { x0: 0, y0: 0, size: 16 };
const WHOLE = { x0: 0, y0: 0, x1: 16, y1: 16 };
const CAPACITY = 100;

/** A quadtree that holds as many points as asked for in each square of the deepest level, by rows. */
function treeOf(counts: number[][]): TiledMap {
  const depth = Math.log2(counts.length);
  const tiles: PointTile[] = [];
  const left = counts.map((row) => [...row]);
  const cells = (z: number, tx: number, ty: number) => {
    const side = counts.length / 2 ** z;
    return Array.from({ length: side * side }, (_, at) => [ty * side + Math.floor(at / side), tx * side + (at % side)] as const);
  };
  let start = 0;
  for (let z = 0; z <= depth; z++) {
    for (let at = 0; at < 4 ** z; at++) {
      const [tx, ty] = [at % 2 ** z, Math.floor(at / 2 ** z)];
      const inside = cells(z, tx, ty);
      const nAll = inside.reduce((sum, [row, column]) => sum + left[row]![column]!, 0);
      if (nAll === 0) continue;
      const n = z === depth ? nAll : Math.min(CAPACITY, nAll);
      for (const [row, column] of inside) left[row]![column]! *= 1 - n / nAll;
      tiles.push({ index: tiles.length, z, tx, ty, start, n, nAll });
      start += n;
    }
  }
  return { directory: new TileDirectory(tiles), extent: EXTENT, bounds: WHOLE };
}

const COUNTS = [
  [8_000, 400, 0, 0],
  [400, 400, 0, 0],
  [0, 0, 40, 40],
  [0, 0, 40, 0],
];
const DENSE_CORNER = treeOf(COUNTS);

test("every place is drawn at the same rate, however dense it is", () => {
  const rate = 0.25;
  const { shares } = choiceAt(DENSE_CORNER, WHOLE, rate);
  // Each tile's rows lie below it in proportion to what its ancestors left.
  const drawnIn = (column: number, row: number) => {
    let drawn = 0;
    let path = { z: 0, tx: 0, ty: 0 };
    for (let z = 0; z <= 2; z++) {
      path = { z, tx: column >> (2 - z), ty: row >> (2 - z) };
      const share = shares.find(({ tile }) => tile.z === path.z && tile.tx === path.tx && tile.ty === path.ty);
      const inTile = DENSE_CORNER.directory.tiles.find((tile) => tile.z === path.z && tile.tx === path.tx && tile.ty === path.ty);
      if (share && inTile) drawn += (share.n / inTile.nAll) * leftAt(column, row, z);
    }
    return drawn;
  };
  const leftAt = (column: number, row: number, z: number) => {
    let left = COUNTS[row]![column]!;
    for (let up = 0; up < z; up++) {
      const tile = DENSE_CORNER.directory.tiles.find(
        (one) => one.z === up && one.tx === column >> (2 - up) && one.ty === row >> (2 - up),
      )!;
      left *= 1 - tile.n / tile.nAll;
    }
    return left;
  };
  expect(drawnIn(0, 0) / 8_000).toBeCloseTo(rate, 2);
  expect(drawnIn(1, 0) / 400).toBeCloseTo(rate, 2);
  expect(drawnIn(2, 2) / 40).toBeCloseTo(rate, 1);
});

test("at rate 1 all points of all tiles are drawn, and counted", () => {
  const choice = choiceAt(DENSE_CORNER, WHOLE, 1);
  expect(choice.nChosen).toBe(DENSE_CORNER.directory.root.nAll);
  expect(choice.nDrawn).toBe(choice.nInView);
  expect(choice.shares).toHaveLength(DENSE_CORNER.directory.tiles.length);
});

test("no more is chosen than the budget allows, coarse tiles first, and the count of what is there stays whole", () => {
  for (const budget of [1, 50, 500, 5_000]) {
    const choice = choiceWithin(DENSE_CORNER, WHOLE, budget);
    expect(choice.nChosen).toBeLessThanOrEqual(budget);
    expect(choice.nInView).toBeCloseTo(DENSE_CORNER.directory.root.nAll, 3);
    const levels = choice.shares.map(({ tile }) => tile.z);
    expect(levels).toEqual([...levels].sort());
  }
});

test("tiles beside the screen are left alone, and those partly seen count in part", () => {
  const corner = choiceAt(DENSE_CORNER, { x0: 12, y0: 8, x1: 16, y1: 16 }, 1);
  expect(corner.shares.every(({ tile }) => tile.z === 0 || tile.tx * 2 ** (2 - tile.z) >= 2)).toBe(true);
  expect(corner.nInView).toBeLessThan(DENSE_CORNER.directory.root.nAll / 4);
});

test("a rate is kept until the budget is exceeded or clearly left free", () => {
  const all = DENSE_CORNER.directory.root.nAll;
  const coarse = choiceWithin(DENSE_CORNER, WHOLE, all * 0.72);
  expect(coarse.rate).toBeCloseTo(Math.SQRT1_2);
  expect(choiceWithin(DENSE_CORNER, WHOLE, all * 1.02, 1, coarse.rate).rate).toBe(coarse.rate);
  expect(choiceWithin(DENSE_CORNER, WHOLE, all * 1.02).rate).toBe(1);
  expect(choiceWithin(DENSE_CORNER, WHOLE, all * 1.3, 1, coarse.rate).rate).toBe(1);
});

test("a highest rate is kept to, however large the budget", () => {
  const { rate, nInView } = choiceWithin(DENSE_CORNER, WHOLE, 1e9, 0.3);
  expect(rate).toBe(0.25);
  expect(nInView).toBeCloseTo(DENSE_CORNER.directory.root.nAll, 3);
});

test("a crowd is felt where most points are, not where the map is empty", () => {
  const cell = (EXTENT.size / 4) ** 2;
  expect(crowdIn(DENSE_CORNER, WHOLE, 4).perArea).toBeGreaterThan((0.8 * 8_000) / cell);
  expect(crowdIn(DENSE_CORNER, WHOLE, 4).perArea).toBeLessThan(8_000 / cell);
  expect(crowdIn(DENSE_CORNER, { x0: 8, y0: 8, x1: 16, y1: 16 }, 4).perArea).toBeCloseTo(40 / cell, 0);
});

test("what lies beside all points does not make counts an estimate", () => {
  const map = { ...DENSE_CORNER, bounds: { x0: 0, y0: 0, x1: 8, y1: 16 } };
  const { shares } = choiceAt(map, { x0: -1, y0: 0, x1: 9, y1: 16 }, 1);
  expect(shares.every(({ seen }) => seen === 1)).toBe(true);
});

test("a map without items and a map of one are drawn whole", () => {
  const root = { index: 0, z: 0, tx: 0, ty: 0, start: 0, n: 0, nAll: 0 };
  const mapOf = (n: number): TiledMap => ({
    directory: new TileDirectory([{ ...root, n, nAll: n }]),
    extent: EXTENT,
    bounds: { x0: 3, y0: 3, x1: 3, y1: 3 },
  });
  expect(choiceWithin(mapOf(0), WHOLE, 10)).toMatchObject({ shares: [], nInView: 0 });
  expect(choiceWithin(mapOf(1), WHOLE, 10)).toMatchObject({ rate: 1, nDrawn: 1, nInView: 1 });
  expect(crowdIn(mapOf(0), WHOLE, 1)).toEqual({ nPoints: 0, perArea: 0 });
});
