import { expect, test } from "vitest";
import type { FidelityRow } from "../bundle/model";
import { nearCount, nearestRow, shareAtRandom } from "./trust";
import { figureText, percentText } from "./wording";

test("near means four times k, or all that there are", () => {
  expect(nearCount(10, 20_000)).toBe(40);
  expect(nearCount(10, 31)).toBe(30);
});

test("items strewn at random lose nearly all neighbors on a large map, and none where all are near", () => {
  expect(shareAtRandom(10, 20_001)).toBeCloseTo(0.998, 9);
  expect(shareAtRandom(10, 31)).toBe(0);
  expect(shareAtRandom(10, 1)).toBe(0);
});

test("shares are told from certainty, and nothing is less than zero by rounding", () => {
  expect([0, 0.006, 0.43, 0.998, 0.99999, 1].map(percentText)).toEqual(["0 %", "0.6 %", "43 %", "99.8 %", "> 99.9 %", "100 %"]);
  expect([-0.0002, -0.25, 0.184].map(figureText)).toEqual(["0.000", "−0.250", "0.184"]);
});

test("the figures of the 10 nearest come first, or of the size that is nearest to it", () => {
  const rows = (...sizes: number[]) => sizes.map((k) => ({ k }) as FidelityRow);
  expect(nearestRow(rows(2, 8, 10, 20))?.k).toBe(10);
  expect(nearestRow(rows(2, 8, 20))?.k).toBe(8);
  expect(nearestRow([])).toBeUndefined();
});
