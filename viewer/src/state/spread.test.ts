import { expect, test } from "vitest";
import { spreadOf } from "./spread";

/** Nine items in the corners of a square, but for the last: it is in the middle. */
const xy = Float32Array.from([0, 0, 0.1, 0.1, 7.9, 0, 8, 0.1, 0, 7.9, 0.1, 8, 7.9, 7.9, 8, 8, 4, 4]);
const item = Uint32Array.from([10, 11, 12, 13, 14, 15, 16, 17, 18]);
const rowOf = new Uint32Array(30).fill(0xffffffff);
for (const [row, one] of item.entries()) rowOf[one] = row;
const positions = { xy, item, rowOf };

test("squares that hold items are counted, and those that hold some of them", () => {
  expect(spreadOf([10, 11], positions)).toMatchObject({ nSquares: 1, nOccupied: 5, nShown: 2 });
  expect(spreadOf([10, 13, 18], positions)).toMatchObject({ nSquares: 3, nShown: 3 });
});

test("by chance as many items lie in as many squares as drawing without putting back says", () => {
  expect(spreadOf([10], positions).nAtRandom).toBeCloseTo(1, 12);
  // Of 36 pairs, four share a square.
  expect(spreadOf([10, 11], positions).nAtRandom).toBeCloseTo(2 - 4 / 36, 12);
  expect(spreadOf([...item], positions).nAtRandom).toBeCloseTo(5, 12);
});

test("items that the map does not show count for nothing", () => {
  expect(spreadOf([1, 2, 10], positions)).toMatchObject({ nSquares: 1, nShown: 1 });
  expect(spreadOf([], positions)).toMatchObject({ nSquares: 0, nAtRandom: 0 });
});

test("a map whose items all lie in one place has one square", () => {
  const one = { xy: Float32Array.from([2, 2, 2, 2]), item: Uint32Array.from([0, 1]), rowOf: Uint32Array.from([0, 1]) };
  expect(spreadOf([0], one)).toMatchObject({ nSquares: 1, nOccupied: 1 });
});
