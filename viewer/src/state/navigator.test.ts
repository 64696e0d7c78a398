import { expect, test } from "vitest";
import { Projection } from "./camera";
import { Navigator } from "./navigator";

const extent = { x0: 0, y0: 0, size: 1 };
const viewport = { widthPx: 800, heightPx: 800 };

/** Steps until the camera rests; returns the number of frames. */
function settle(navigator: Navigator): number {
  for (let frame = 1; frame < 1000; frame++) if (!navigator.step(frame * 16)) return frame;
  throw new Error("the camera never came to rest");
}

test("wheel steps add up and keep what lies under the pointer", () => {
  const navigator = new Navigator(extent, viewport, 9);
  const anchor = { x: 600, y: 300 };
  const before = navigator.projection.toLayout(anchor);
  const zoom = navigator.camera.zoom;
  navigator.zoomBy(1, anchor);
  navigator.step(16);
  navigator.zoomBy(1, anchor);
  settle(navigator);
  expect(navigator.camera.zoom).toBeCloseTo(zoom + 2, 6);
  const after = navigator.projection.toLayout(anchor);
  expect(after.x).toBeCloseTo(before.x, 6);
});

test("zooming stops at the limits", () => {
  const navigator = new Navigator(extent, viewport, 4);
  navigator.zoomBy(50);
  settle(navigator);
  expect(navigator.camera.zoom).toBe(4);
});

test("zooming says by how much it was to go beyond a limit", () => {
  const navigator = new Navigator(extent, viewport, 4);
  const toLimit = 4 - navigator.camera.zoom;
  expect(navigator.zoomBy(toLimit)).toBeCloseTo(0, 9);
  expect(navigator.zoomBy(0.5)).toBeCloseTo(0.5, 9);
  settle(navigator);
  expect(navigator.zoomAround({ x: 0, y: 0 }, 4.25)).toBeCloseTo(0.25, 9);
  expect(navigator.zoomAround({ x: 0, y: 0 }, navigator.minZoom - 1)).toBeCloseTo(-1, 9);
  expect(navigator.zoomAround({ x: 0, y: 0 }, 2)).toBe(0);
});

test("with reduced motion a flight is a jump", () => {
  const navigator = new Navigator(extent, viewport, 9);
  navigator.isCalm = true;
  navigator.flyTo({ x: 0.2, y: 0.7, zoom: 5 });
  expect(navigator.camera).toEqual({ x: 0.2, y: 0.7, zoom: 5 });
  expect(navigator.step(16)).toBe(false);
});

test("a flight arrives", () => {
  const navigator = new Navigator(extent, viewport, 9);
  navigator.flyTo({ x: 0.2, y: 0.7, zoom: 5 });
  expect(settle(navigator)).toBeGreaterThan(5);
  expect(navigator.camera).toEqual({ x: 0.2, y: 0.7, zoom: 5 });
});

test("a fling glides on and comes to rest", () => {
  const navigator = new Navigator(extent, viewport, 9, { x: 0.5, y: 0.5, zoom: 4 });
  navigator.fling(-1, 0);
  settle(navigator);
  expect(navigator.camera.x).toBeGreaterThan(0.51);
});

test("a place comes to rest in the middle of what panels leave free", () => {
  const navigator = new Navigator(extent, viewport, 9);
  const camera = navigator.beside({ x: 0.5, y: 0.5, zoom: 3 }, { leftPx: 0, rightPx: 200, bottomPx: 100 });
  const { x, y } = new Projection(extent, viewport, camera).toScreen(0.5, 0.5);
  expect([Math.round(x), Math.round(y)]).toEqual([300, 350]);
});

test("following comes to rest where it was last told to", () => {
  const navigator = new Navigator(extent, viewport, 9);
  navigator.follow({ x: 0.2, y: 0.2, zoom: 4 });
  navigator.step(16);
  navigator.step(32);
  navigator.follow({ x: 0.7, y: 0.6, zoom: 3 });
  settle(navigator);
  expect(navigator.camera.x).toBeCloseTo(0.7, 9);
  expect(navigator.camera.y).toBeCloseTo(0.6, 9);
  expect(navigator.camera.zoom).toBeCloseTo(3, 9);
});

test("without motion following is there at once", () => {
  const navigator = new Navigator(extent, viewport, 9);
  navigator.isCalm = true;
  navigator.follow({ x: 0.2, y: 0.3, zoom: 4 });
  expect(navigator.camera).toEqual({ x: 0.2, y: 0.3, zoom: 4 });
});
