import { expect, test } from "vitest";
import { CellWindow, joined, type Ring, ringsOf, roundedPath, smoothPath } from "./cell-outline";

/** `#` belongs, `o` holds something else. */
function windowOf(...rows: string[]): CellWindow {
  const window = new CellWindow(10, 20, rows[0]!.length, rows.length);
  for (const [y, row] of rows.entries()) {
    for (const [x, sign] of [...row].entries()) {
      if (sign === "#") window.mark(window.isIn, 10 + x, 20 + y);
      if (sign === "o") window.mark(window.isOther, 10 + x, 20 + y);
    }
  }
  return window;
}

/** Twice the area that a ring goes around, by the shoelace formula; negative for a hole. */
function areaOf(ring: Ring): number {
  let sum = 0;
  for (let at = 0; at < ring.length; at += 2) {
    const next = (at + 2) % ring.length;
    sum += ring[at]! * ring[next + 1]! - ring[next]! * ring[at + 1]!;
  }
  return sum / 2;
}

const rings = (window: CellWindow) => ringsOf(window, window.isIn);

test("cells side by side have one line around them all, with its corners only", () => {
  const [ring, ...others] = rings(windowOf("##", "#."));
  expect(others).toEqual([]);
  expect(ring!.length / 2).toBe(6);
  expect(areaOf(ring!)).toBe(3);
  expect([Math.min(...ring!), Math.max(...ring!)]).toEqual([10, 22]);
});

test("a hole runs the other way, so that a path of all leaves it free", () => {
  const areas = rings(windowOf("###", "#.#", "###")).map(areaOf);
  expect(areas.sort()).toEqual([-1, 9]);
});

test("cells that touch at a corner only are apart", () => {
  expect(rings(windowOf("#.", ".#")).map(areaOf)).toEqual([1, 1]);
  expect(rings(windowOf(".#", "#.")).map(areaOf)).toEqual([1, 1]);
});

test("lines go around as many cells as there are, whatever their shape", () => {
  let state = 3;
  for (let round = 0; round < 30; round++) {
    const window = new CellWindow(0, 0, 12, 9);
    for (let at = 0; at < window.isIn.length; at++) {
      state = (state * 16_807) % 2_147_483_647;
      window.isIn[at] = Number(state % 5 < 2);
    }
    const area = rings(window).reduce((sum, ring) => sum + areaOf(ring), 0);
    expect(area).toBe(window.isIn.reduce((sum, one) => sum + one, 0));
  }
});

test("a square of a coarser level marks all cells under it, and beside the window none", () => {
  const window = new CellWindow(0, 0, 3, 3);
  window.mark(window.isIn, 2, 2, 4);
  window.mark(window.isIn, -4, 0, 2);
  expect([...window.isIn]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test("what is near is joined over empty cells, and not over those that hold something else", () => {
  expect(ringsOf(windowOf("....", "#..#", "...."), joined(windowOf("....", "#..#", "...."), 1))).toHaveLength(1);
  const apart = windowOf("...", "#o#", "...");
  expect(ringsOf(apart, joined(apart, 1))).toHaveLength(2);
  const far = windowOf("...........", "...........", "..#.....#..", "...........", "...........");
  expect([...joined(far, 1)]).toEqual([...far.isIn]);
});

test("a path keeps straight sides, rounds its corners no farther than asked for, and closes", () => {
  const path = roundedPath([0, 0, 4, 0, 4, 4, 0, 4], (x, y) => ({ x: 10 * x, y: 10 * y }), 3);
  expect(path).toBe(
    "M0.0 3.0Q0.0 0.0 3.0 0.0L37.0 0.0Q40.0 0.0 40.0 3.0L40.0 37.0Q40.0 40.0 37.0 40.0L3.0 40.0Q0.0 40.0 0.0 37.0Z",
  );
  expect(roundedPath([], (x, y) => ({ x, y }), 3)).toBe("");
});

/** The angles, in degrees, by which a closed path turns at each of the points that draw its curves. */
function turnsOf(path: string): number[] {
  const points = [...path.matchAll(/Q(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  const heading = (index: number) => {
    const [from, to] = [points[index % points.length]!, points[(index + 1) % points.length]!];
    return Math.atan2(to.y - from.y, to.x - from.x);
  };
  return points.map((_, index) => {
    const turn = Math.abs(heading(index + 1) - heading(index));
    return (180 / Math.PI) * Math.min(turn, 2 * Math.PI - turn);
  });
}

test("a smooth path has no steps left, and stays within the cells", () => {
  const steps: Ring = [0, 0, 3, 0, 3, 1, 2, 1, 2, 2, 1, 2, 1, 3, 0, 3];
  const smoothed = (nRounds: number) => smoothPath(steps, (x, y) => ({ x: 100 * x, y: 100 * y }), nRounds);
  const numbers = (smoothed(3).match(/-?[\d.]+/g) ?? []).map(Number);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThanOrEqual(300);
  const turns = turnsOf(smoothed(3));
  expect(Math.max(...turnsOf(smoothed(0)))).toBeCloseTo(90);
  expect(Math.max(...turns)).toBeLessThan(60); // at the corner of the whole, which is a right angle
  expect(turns.reduce((sum, turn) => sum + turn, 0)).toBeCloseTo(360); // it never turns back, as it does at each step
  expect(smoothPath([], (x, y) => ({ x, y }), 3)).toBe("");
});
