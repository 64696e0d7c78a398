import type { Extent } from "../bundle/model";
import { type Camera, type PointPx, Projection, type Viewport } from "./camera";

/** A map that is looked at, and the zoom at which all of it is seen. */
export interface Seen {
  extent: Extent;
  viewport: Viewport;
  fitZoom: number;
}

/** How far from the middle, as a share of the shorter side, an item may come before another one is followed. */
const HOLD_SHARE = 0.22;

/**
 * The camera that shows on one map what another shows: an item stands at the same place of its screen, as far beyond the whole.
 *
 * `there` is where the item lies on the map that leads, `here` where on the one that follows, both in layout units.
 */
export function followingCamera(
  leader: Projection,
  leaderFitZoom: number,
  there: { x: number; y: number },
  follower: Seen,
  here: { x: number; y: number },
): Camera {
  const zoom = follower.fitZoom + leader.camera.zoom - leaderFitZoom;
  const at = fromMiddle(leader, there);
  const scale = new Projection(follower.extent, follower.viewport, { ...here, zoom }).pxPerUnit;
  return { x: here.x - at.x / scale, y: here.y - at.y / scale, zoom };
}

/** Whether an item is still near enough to the middle of the screen to be the one that is followed. */
export function isNearMiddle(projection: Projection, place: { x: number; y: number }): boolean {
  const { x, y } = fromMiddle(projection, place);
  const { widthPx, heightPx } = projection.viewport;
  return Math.hypot(x, y) < HOLD_SHARE * Math.min(widthPx, heightPx);
}

export function isOnScreen(projection: Projection, place: { x: number; y: number }): boolean {
  const { x, y } = projection.toScreen(place.x, place.y);
  return x >= 0 && y >= 0 && x < projection.viewport.widthPx && y < projection.viewport.heightPx;
}

function fromMiddle(projection: Projection, { x, y }: { x: number; y: number }): PointPx {
  const at = projection.toScreen(x, y);
  return { x: at.x - projection.viewport.widthPx / 2, y: at.y - projection.viewport.heightPx / 2 };
}
