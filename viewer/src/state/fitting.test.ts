import { expect, test } from "vitest";
import { Projection, type RectPx } from "./camera";
import { cameraAround, cameraBeside, freeRooms } from "./fitting";

const extent = { x0: 0, y0: 0, size: 1 };
const bounds = { x0: 0, y0: 0, x1: 1, y1: 1 };
const wide = { widthPx: 1280, heightPx: 800 };
const narrow = { widthPx: 390, heightPx: 780 };
const plate = { x: 16, y: 16, width: 340, height: 180 };
const rail = { x: 1220, y: 16, width: 44, height: 116 };

function touches(box: RectPx, panel: RectPx): boolean {
  const inX = box.x < panel.x + panel.width && panel.x < box.x + box.width;
  return inX && box.y < panel.y + panel.height && panel.y < box.y + box.height;
}

test.each([
  ["a wide screen", wide, [plate, rail]],
  [
    "a narrow screen",
    narrow,
    [
      { x: 10, y: 10, width: 310, height: 170 },
      { x: 336, y: 10, width: 44, height: 116 },
    ],
  ],
  ["a screen with a legend", wide, [plate, rail, { x: 16, y: 500, width: 240, height: 284 }]],
])("on %s all four corners and a name at the edge are beside the panels", (_, viewport, panels) => {
  const name = { x: 0.02, y: 0.01, widthPx: 160, heightPx: 24 };
  const camera = cameraBeside(extent, viewport, panels, () => ({ bounds, names: [name] }));
  const projection = new Projection(extent, viewport, camera);
  const low = projection.toScreen(0, 0);
  const high = projection.toScreen(1, 1);
  const at = projection.toScreen(name.x, name.y);
  const square = { x: low.x, y: low.y, width: high.x - low.x, height: high.y - low.y };
  const tag = { x: at.x - 80, y: at.y - 12, width: 160, height: 24 };
  for (const box of [square, tag]) {
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(viewport.widthPx);
    expect(box.y + box.height).toBeLessThanOrEqual(viewport.heightPx);
    for (const panel of panels) expect(touches(box, panel)).toBe(false);
  }
  expect(square.width).toBeGreaterThan(0.6 * Math.min(viewport.widthPx, viewport.heightPx));
});

test("a flat map comes nearer than its square would let it", () => {
  const flat = { x0: 0, y0: 0.4, x1: 1, y1: 0.6 };
  const whole = cameraBeside(extent, wide, [], () => ({ bounds, names: [] }));
  expect(cameraBeside(extent, wide, [], () => ({ bounds: flat, names: [] })).zoom).toBeGreaterThan(whole.zoom + 0.4);
});

test("a screen without panels is one room", () => {
  expect(freeRooms(wide, [])).toEqual([{ x: 10, y: 10, width: 1260, height: 780 }]);
});

test("a region is seen whole, in the middle of its box, beside what panels cover", () => {
  const extent = { x0: 0, y0: 0, size: 512 };
  const viewport = { widthPx: 1000, heightPx: 700 };
  const covered = { leftPx: 300, rightPx: 0, bottomPx: 0 };
  const camera = cameraAround({ x0: 100, y0: 50, x1: 200, y1: 70 }, extent, viewport, covered);
  expect(camera).toMatchObject({ x: 150, y: 60 });
  expect(100 * 2 ** camera.zoom).toBeCloseTo(1000 - 300 - 2 * 56);
  const point = cameraAround({ x0: 5, y0: 5, x1: 5, y1: 5 }, extent, viewport, covered);
  expect(Number.isFinite(point.zoom)).toBe(true);
});
