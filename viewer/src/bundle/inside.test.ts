import { expect, test } from "vitest";
import { isInside, rowsInside } from "./inside";

const corners = (...flat: number[]) =>
  Array.from({ length: flat.length / 2 }, (_, at) => ({ x: flat[2 * at]!, y: flat[2 * at + 1]! }));

test("a polygon that bends inwards leaves its bay out", () => {
  const bay = corners(0, 0, 4, 0, 4, 4, 2, 1, 0, 4);
  expect(isInside(bay, 2, 0.5)).toBe(true);
  expect(isInside(bay, 2, 3)).toBe(false);
  expect(isInside(bay, 0.5, 2)).toBe(true);
});

test("points inside are marked, whichever way round the corners go", async () => {
  const xy = Float32Array.from([1, 1, 5, 1, 1, 5, 2.5, 2.5]);
  const box = corners(0, 0, 3, 0, 3, 3, 0, 3);
  expect([...(await rowsInside(xy, box))]).toEqual([1, 0, 0, 1]);
  expect([...(await rowsInside(xy, [...box].reverse()))]).toEqual([1, 0, 0, 1]);
});

test("boxes side by side share no point, and together miss none", async () => {
  const xy = Float32Array.from(Array.from({ length: 200 }, (_, at) => (at * 7) % 11));
  const left = await rowsInside(xy, corners(-1, -1, 5, -1, 5, 12, -1, 12));
  const right = await rowsInside(xy, corners(5, -1, 12, -1, 12, 12, 5, 12));
  for (let row = 0; row < 100; row++) expect(left[row]! + right[row]!).toBe(1);
});

test("large maps are searched to the last row", async () => {
  const xy = new Float32Array(2 * 900_001).fill(9);
  xy.set([1, 1], 2 * 900_000);
  const mask = await rowsInside(xy, corners(0, 0, 2, 0, 2, 2, 0, 2));
  expect(mask.indexOf(1)).toBe(900_000);
  expect(mask.reduce((sum, one) => sum + one, 0)).toBe(1);
});

test("less than three corners hold nothing", async () => {
  expect([...(await rowsInside(Float32Array.from([0, 0, 1, 1]), corners(0, 0, 1, 1)))]).toEqual([0, 0]);
});
