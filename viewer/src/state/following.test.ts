import { expect, test } from "vitest";
import { Projection } from "./camera";
import { followingCamera, isNearMiddle, isOnScreen } from "./following";

const LEFT = { x0: 0, y0: 0, size: 10 };
const RIGHT = { x0: -500, y0: 100, size: 1000 };
const VIEWPORT = { widthPx: 600, heightPx: 800 };
const MIDDLE = { x: 300, y: 400 };

test("an item stands at the same place of both screens, as far beyond the whole of each map", () => {
  const leader = new Projection(LEFT, VIEWPORT, { x: 4, y: 5, zoom: 3 });
  const there = { x: 4.3, y: 4.8 };
  const here = { x: 100, y: 400 };
  const follower = { extent: RIGHT, viewport: VIEWPORT, fitZoom: 0.1, middle: MIDDLE };
  const camera = followingCamera({ projection: leader, fitZoom: 0.5, middle: MIDDLE }, there, follower, here);
  expect(camera.zoom).toBeCloseTo(2.6);
  const [a, b] = [leader.toScreen(there.x, there.y), new Projection(RIGHT, VIEWPORT, camera).toScreen(here.x, here.y)];
  expect(b.x).toBeCloseTo(a.x);
  expect(b.y).toBeCloseTo(a.y);
});

test("where a panel covers the left of the one that leads, an item stands as far from the middle of what is seen", () => {
  const leader = new Projection(LEFT, VIEWPORT, { x: 4, y: 5, zoom: 3 });
  const [there, here] = [
    { x: 4.3, y: 4.8 },
    { x: 100, y: 400 },
  ];
  const viewport = { widthPx: 300, heightPx: 800 };
  const follower = { extent: RIGHT, viewport, fitZoom: 0.1, middle: { x: 150, y: 400 } };
  const camera = followingCamera({ projection: leader, fitZoom: 0.5, middle: { x: 450, y: 400 } }, there, follower, here);
  const [a, b] = [leader.toScreen(there.x, there.y), new Projection(RIGHT, viewport, camera).toScreen(here.x, here.y)];
  expect([b.x - 150, b.y]).toEqual([expect.closeTo(a.x - 450), expect.closeTo(a.y)]);
});

test("an item is held while it is near the middle, and let go beyond", () => {
  const projection = new Projection(LEFT, VIEWPORT, { x: 5, y: 5, zoom: 2 });
  const leader = { projection, fitZoom: 0, middle: MIDDLE };
  const away = (px: number) => ({ x: 5 + px / projection.pxPerUnit, y: 5 });
  expect(isNearMiddle(leader, away(100))).toBe(true);
  expect(isNearMiddle(leader, away(160))).toBe(false);
  expect(isOnScreen(leader, away(299))).toBe(true);
  expect(isOnScreen(leader, away(301))).toBe(false);
});
