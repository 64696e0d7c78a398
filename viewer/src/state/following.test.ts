import { expect, test } from "vitest";
import { Projection } from "./camera";
import { followingCamera, isNearMiddle, isOnScreen } from "./following";

const LEFT = { x0: 0, y0: 0, size: 10 };
const RIGHT = { x0: -500, y0: 100, size: 1000 };
const VIEWPORT = { widthPx: 600, heightPx: 800 };

test("an item stands at the same place of both screens, as far beyond the whole of each map", () => {
  const leader = new Projection(LEFT, VIEWPORT, { x: 4, y: 5, zoom: 3 });
  const there = { x: 4.3, y: 4.8 };
  const here = { x: 100, y: 400 };
  const follower = { extent: RIGHT, viewport: VIEWPORT, fitZoom: 0.1 };
  const camera = followingCamera(leader, 0.5, there, follower, here);
  expect(camera.zoom).toBeCloseTo(2.6);
  const [a, b] = [leader.toScreen(there.x, there.y), new Projection(RIGHT, VIEWPORT, camera).toScreen(here.x, here.y)];
  expect(b.x).toBeCloseTo(a.x);
  expect(b.y).toBeCloseTo(a.y);
});

test("an item is held while it is near the middle, and let go beyond", () => {
  const projection = new Projection(LEFT, VIEWPORT, { x: 5, y: 5, zoom: 2 });
  const away = (px: number) => ({ x: 5 + px / projection.pxPerUnit, y: 5 });
  expect(isNearMiddle(projection, away(100))).toBe(true);
  expect(isNearMiddle(projection, away(160))).toBe(false);
  expect(isOnScreen(projection, away(299))).toBe(true);
  expect(isOnScreen(projection, away(301))).toBe(false);
});
