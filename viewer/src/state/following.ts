import type { Extent } from "../bundle/model";
import { type Camera, type PointPx, Projection, type Viewport } from "./camera";

/** A map that is looked at, the zoom at which all of it is seen, and the middle of what panels leave to see. */
export interface Seen {
  extent: Extent;
  viewport: Viewport;
  fitZoom: number;
  middle: PointPx;
}

/** The map that leads, as its camera sees it. */
export interface Leading {
  projection: Projection;
  fitZoom: number;
  middle: PointPx;
}

/** How far from the middle, as a share of the shorter side, an item may come before another one is followed. */
const HOLD_SHARE = 0.22;

/**
 * The camera that shows on one map what another shows: an item stands as far from the middle, and the map is as far beyond the whole.
 *
 * `there` is where the item lies on the map that leads, `here` where on the one that follows, both in layout units.
 */
export function followingCamera(
  leader: Leading,
  there: { x: number; y: number },
  follower: Seen,
  here: { x: number; y: number },
): Camera {
  const zoom = follower.fitZoom + leader.projection.camera.zoom - leader.fitZoom;
  const at = fromMiddle(leader, there);
  const { middle, viewport } = follower;
  const scale = new Projection(follower.extent, viewport, { ...here, zoom }).pxPerUnit;
  const [dx, dy] = [at.x + middle.x - viewport.widthPx / 2, at.y + middle.y - viewport.heightPx / 2];
  return { x: here.x - dx / scale, y: here.y - dy / scale, zoom };
}

/** Whether an item is still near enough to the middle of the screen to be the one that is followed. */
export function isNearMiddle(leader: Leading, place: { x: number; y: number }): boolean {
  const { x, y } = fromMiddle(leader, place);
  const { widthPx, heightPx } = leader.projection.viewport;
  return Math.hypot(x, y) < HOLD_SHARE * Math.min(widthPx, heightPx);
}

export function isOnScreen({ projection }: Leading, place: { x: number; y: number }): boolean {
  const { x, y } = projection.toScreen(place.x, place.y);
  return x >= 0 && y >= 0 && x < projection.viewport.widthPx && y < projection.viewport.heightPx;
}

function fromMiddle({ projection, middle }: Leading, { x, y }: { x: number; y: number }): PointPx {
  const at = projection.toScreen(x, y);
  return { x: at.x - middle.x, y: at.y - middle.y };
}
