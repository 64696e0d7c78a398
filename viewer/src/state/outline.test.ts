import { expect, test } from "vitest";
import { someOfRegion, spacingOf } from "./outline";

const CODES = [0, 1, 1, 0, 1, 1, 1];
const XY = CODES.flatMap((_, row) => [row, 10 * row]);

test("a region's places are those of its rows, and of a large one some stand for all", () => {
  expect([...someOfRegion(CODES, 0, XY, 9)]).toEqual([0, 0, 3, 30]);
  expect([...someOfRegion(CODES, 1, XY, 2)]).toEqual([1, 10, 5, 50]);
  expect([...someOfRegion(CODES, 7, XY, 2)]).toEqual([]);
});

test("most places are no farther from the next one than their spacing, and a single one has none", () => {
  expect(spacingOf(Float32Array.of(0, 0, 1, 0, 2, 0, 9, 0), 0.8)).toBe(1);
  expect(spacingOf(Float32Array.of(0, 0, 1, 0, 2, 0, 9, 0), 1)).toBe(7);
  expect([spacingOf(Float32Array.of(4, 4), 0.8), spacingOf(new Float32Array(0), 0.8)]).toEqual([0, 0]);
});
