import { expect, test } from "vitest";
import { Projection } from "../state/camera";
import { seenPart } from "./seen-part";

/** A screen of 512 × 256 px over the middle of a layout that is 512 units wide: one pixel for each unit. */
const PROJECTION = new Projection({ x0: 0, y0: 0, size: 512 }, { widthPx: 512, heightPx: 256 }, { x: 256, y: 256, zoom: 0 });
const PANEL = { x: 0, y: 0, width: 100, height: 50 };

test("a place is seen that lies on the screen and under no panel", () => {
  const part = seenPart(PROJECTION, [PANEL], 0);
  expect([part.has(256, 256), part.has(256, 120), part.has(50, 140), part.has(50, 200)]).toEqual([true, false, false, true]);
  expect(seenPart(PROJECTION, [], 10).has(256, 120)).toBe(true);
});

test("of a square all is seen where the screen holds it and no panel touches it", () => {
  const part = seenPart(PROJECTION, [PANEL], 0);
  const square = (x0: number, y0: number) => part.hasAll({ x0, y0, size: 64 });
  expect([square(200, 200), square(200, 100), square(90, 150), square(480, 200)]).toEqual([true, false, false, false]);
});
