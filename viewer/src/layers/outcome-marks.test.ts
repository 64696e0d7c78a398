import { expect, test } from "vitest";
import { FOUND, NOT_FOUND, NOT_TRIED, type Outcome } from "../state/outcomes";
import { placedMarks } from "./outcome-marks";

const place = (x: number, outcome: Outcome, isSquare: boolean) => ({ x, y: 50, radiusPx: 31, isSquare, outcome });

test("a point has its mark on it", () => {
  expect(placedMarks([place(10, FOUND, false)])).toEqual([{ x: 10, y: 50, outcome: FOUND }]);
});

test("texts in one cell of the collage have a mark for each kind, side by side in its corner", () => {
  const outcomes: Outcome[] = [FOUND, NOT_TRIED, FOUND, NOT_FOUND];
  const marks = placedMarks(outcomes.map((outcome) => place(100, outcome, true)));
  expect(marks).toEqual([
    { x: 88, y: 30, outcome: NOT_FOUND },
    { x: 104, y: 30, outcome: FOUND },
    { x: 120, y: 30, outcome: NOT_TRIED },
  ]);
});

test("marks of cells that lie apart stay apart", () => {
  const marks = placedMarks([place(0, FOUND, true), place(62, FOUND, true)]);
  expect(marks.map(({ x }) => x)).toEqual([20, 82]);
});
