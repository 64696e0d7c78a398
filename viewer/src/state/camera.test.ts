import { expect, test } from "vitest";
import {
  type Camera,
  cellAt,
  cellCenter,
  clamped,
  fitCamera,
  flight,
  Projection,
  pannedBy,
  seenBox,
  showsAll,
  visibleTiles,
  zoomedAround,
} from "./camera";

const extent = { x0: -10, y0: 5, size: 20 };
const viewport = { widthPx: 1000, heightPx: 600 };
const projection = new Projection(extent, viewport, { x: 1, y: 12, zoom: 2.3 });

test("screen and layout are inverse to each other", () => {
  const { x, y } = projection.toLayout(projection.toScreen(3.5, 17.25));
  expect(x).toBeCloseTo(3.5, 10);
  expect(y).toBeCloseTo(17.25, 10);
});

test("what the screen shows is the box between its corners, and a margin widens it on each side", () => {
  const { x0, y0, x1, y1 } = seenBox(projection, 30);
  expect(projection.toScreen(x0, y0)).toEqual({ x: expect.closeTo(-30), y: expect.closeTo(-30) });
  expect(projection.toScreen(x1, y1)).toEqual({ x: expect.closeTo(1030), y: expect.closeTo(630) });
  expect(seenBox(projection).x1).toBeCloseTo(projection.toLayout({ x: 1000, y: 600 }).x);
});

test("at zoom z the extent is 512 · 2^z pixels wide", () => {
  const left = projection.toScreen(extent.x0, extent.y0);
  const right = projection.toScreen(extent.x0 + extent.size, extent.y0);
  expect(right.x - left.x).toBeCloseTo(512 * 2 ** 2.3, 8);
});

test("zooming keeps what lies under the pointer", () => {
  const anchor = { x: 130, y: 555 };
  const before = projection.toLayout(anchor);
  const after = new Projection(extent, viewport, zoomedAround(projection, anchor, 5)).toLayout(anchor);
  expect(after.x).toBeCloseTo(before.x, 10);
  expect(after.y).toBeCloseTo(before.y, 10);
});

test("panning moves the map with the pointer", () => {
  const moved = new Projection(extent, viewport, pannedBy(projection, 40, -25));
  const before = projection.toScreen(0, 10);
  const after = moved.toScreen(0, 10);
  expect(after.x - before.x).toBeCloseTo(40, 8);
  expect(after.y - before.y).toBeCloseTo(-25, 8);
});

test("the whole map fits on the screen", () => {
  const fit = new Projection(extent, viewport, fitCamera(extent, viewport));
  const topLeft = fit.toScreen(extent.x0, extent.y0);
  const bottomRight = fit.toScreen(extent.x0 + extent.size, extent.y0 + extent.size);
  expect(topLeft.y).toBeGreaterThan(0);
  expect(bottomRight.y).toBeLessThan(viewport.heightPx);
});

test("the camera stays near the map and within its zooms", () => {
  expect(clamped({ x: 99, y: -99, zoom: 40 }, extent, -1, 8)).toEqual({ x: 15, y: 0, zoom: 8 });
});

test("visible tiles cover the screen and stay inside the level", () => {
  const fit = new Projection(extent, viewport, fitCamera(extent, viewport));
  expect(visibleTiles(fit, 2)).toEqual({ level: 2, tx0: 0, ty0: 0, tx1: 3, ty1: 3 });
  const near = visibleTiles(new Projection(extent, viewport, { x: -10, y: 5, zoom: 4 }), 4);
  expect(near).toEqual({ level: 4, tx0: 0, ty0: 0, tx1: 0, ty1: 0 });
});

test("an item lies in the cell whose middle is nearest, and the far edge belongs to the last cell", () => {
  expect(cellAt(extent, 1, 10, 25)).toEqual({ column: 15, row: 15 });
  const { column, row } = cellAt(extent, 3, 3.3, 9.9);
  const middle = cellCenter(extent, 3, column, row);
  const half = extent.size / 64 / 2;
  expect(Math.abs(middle.x - 3.3)).toBeLessThanOrEqual(half);
  expect(Math.abs(middle.y - 9.9)).toBeLessThanOrEqual(half);
});

test.each([
  ["far", { x: 8, y: 23, zoom: 6 }],
  ["in place", { x: 1, y: 12, zoom: 6 }],
])("a flight %s starts and ends where it should", (_, to) => {
  const from = projection.camera;
  const path = flight(from, to, extent, viewport);
  const start = path.at(0);
  const end = path.at(1);
  for (const key of ["x", "y", "zoom"] as const) {
    expect(end[key]).toBeCloseTo(to[key], 8);
    if (key === "zoom") expect(start.zoom).toBeCloseTo(from.zoom, 8);
  }
});

test("a long flight zooms out on its way", () => {
  const path = flight({ x: -9, y: 6, zoom: 6 }, { x: 9, y: 24, zoom: 6 }, extent, viewport);
  expect(path.at(0.5).zoom).toBeLessThan(5);
});

test("the whole map is on the screen, until one is nearer or beside it", () => {
  const whole = fitCamera(extent, viewport);
  const shows = (camera: Camera) => showsAll(new Projection(extent, viewport, camera));
  expect(shows(whole)).toBe(true);
  expect(shows({ ...whole, zoom: whole.zoom + 1 })).toBe(false);
  expect(shows({ ...whole, y: extent.y0 })).toBe(false);
});
