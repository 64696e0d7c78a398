import { expect, test } from "vitest";
import { isInside } from "../bundle/inside";
import { boxBetween, simplified } from "./polygon";

const circle = Array.from({ length: 300 }, (_, at) => ({ x: Math.cos((at * Math.PI) / 150), y: Math.sin((at * Math.PI) / 150) }));

test("a lasso keeps its shape in the corners that an address can hold", () => {
  const few = simplified(circle);
  expect(few).toHaveLength(24);
  for (let at = 0; at < 40; at++) {
    const [x, y] = [Math.cos(at), Math.sin(at)];
    expect(isInside(few, 0.97 * x, 0.97 * y)).toBe(true);
    expect(isInside(few, 1.01 * x, 1.01 * y)).toBe(false);
  }
});

test("a polygon of few corners stays as it is, and three are always left", () => {
  const triangle = circle.slice(0, 3);
  expect(simplified(triangle)).toEqual(triangle);
  expect(simplified(circle, 1)).toHaveLength(3);
});

test("a box is the same whichever corners it is drawn between", () => {
  const one = boxBetween({ x: 0, y: 0 }, { x: 2, y: 1 });
  const other = boxBetween({ x: 2, y: 1 }, { x: 0, y: 0 });
  for (const box of [one, other]) expect([isInside(box, 1, 0.5), isInside(box, 3, 0.5)]).toEqual([true, false]);
});
