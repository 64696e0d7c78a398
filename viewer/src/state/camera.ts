import { TILE_PX } from "../bundle/cells";
import type { Extent } from "../bundle/model";

/** What the map is looked at through: the layout point in the middle of the screen, and the zoom (a real number). */
export interface Camera {
  x: number;
  y: number;
  zoom: number;
}

export interface Viewport {
  widthPx: number;
  heightPx: number;
}

/** What panels cover at the edges of the screen. */
export interface Covered {
  leftPx: number;
  rightPx: number;
  bottomPx: number;
}

export interface PointPx {
  x: number;
  y: number;
}

export interface RectPx extends PointPx {
  width: number;
  height: number;
}

/** A part of the layout: smallest and largest coordinates. */
export interface Bounds {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

const FIT_SHARE = 0.97;
/** How far beyond the map the middle of the screen may lie: panels can cover more than half of a small screen. */
const SLACK_SHARE = 0.25;

/** How layout units and screen pixels relate under one camera. Immutable. */
export class Projection {
  /** CSS pixels for one layout unit. */
  readonly pxPerUnit: number;

  constructor(
    readonly extent: Extent,
    readonly viewport: Viewport,
    readonly camera: Camera,
  ) {
    this.pxPerUnit = pxPerUnit(extent, camera.zoom);
  }

  toScreen(x: number, y: number): PointPx {
    const { camera, viewport } = this;
    return {
      x: (x - camera.x) * this.pxPerUnit + viewport.widthPx / 2,
      y: (y - camera.y) * this.pxPerUnit + viewport.heightPx / 2,
    };
  }

  toLayout(point: PointPx): { x: number; y: number } {
    const { camera, viewport } = this;
    return {
      x: (point.x - viewport.widthPx / 2) / this.pxPerUnit + camera.x,
      y: (point.y - viewport.heightPx / 2) / this.pxPerUnit + camera.y,
    };
  }

  /** Width of a cell of a level on the screen, in CSS pixels. */
  cellPx(level: number): number {
    return 64 * 2 ** (this.camera.zoom - level);
  }
}

/** At zoom z the extent is 512 · 2^z CSS pixels wide. */
function pxPerUnit(extent: Extent, zoom: number): number {
  return (TILE_PX * 2 ** zoom) / extent.size;
}

/** The camera that shows the whole map. */
export function fitCamera(extent: Extent, viewport: Viewport): Camera {
  const sidePx = Math.max(64, Math.min(viewport.widthPx, viewport.heightPx) * FIT_SHARE);
  return { x: extent.x0 + extent.size / 2, y: extent.y0 + extent.size / 2, zoom: Math.log2(sidePx / TILE_PX) };
}

/** Whether the whole map is on the screen. */
export function showsAll({ extent, viewport, camera, pxPerUnit: scale }: Projection): boolean {
  const isWithin = (at: number, low: number, sidePx: number) =>
    at - sidePx / 2 / scale <= low && at + sidePx / 2 / scale >= low + extent.size;
  return isWithin(camera.x, extent.x0, viewport.widthPx) && isWithin(camera.y, extent.y0, viewport.heightPx);
}

/** The part of the layout that the screen shows, and so much around it. */
export function seenBox(projection: Projection, marginPx = 0): Bounds {
  const { widthPx, heightPx } = projection.viewport;
  const low = projection.toLayout({ x: -marginPx, y: -marginPx });
  const high = projection.toLayout({ x: widthPx + marginPx, y: heightPx + marginPx });
  return { x0: low.x, y0: low.y, x1: high.x, y1: high.y };
}

/** Zooms so that the layout point under `anchor` stays where it is. */
export function zoomedAround(projection: Projection, anchor: PointPx, zoom: number): Camera {
  const fixed = projection.toLayout(anchor);
  const scale = pxPerUnit(projection.extent, zoom);
  const { widthPx, heightPx } = projection.viewport;
  return { x: fixed.x - (anchor.x - widthPx / 2) / scale, y: fixed.y - (anchor.y - heightPx / 2) / scale, zoom };
}

/** Zooms so that a layout point comes nearer to `anchor` by as much as the map grows. */
export function zoomedOnto(projection: Projection, { x, y }: { x: number; y: number }, anchor: PointPx, zoom: number): Camera {
  const { extent, camera, viewport } = projection;
  const share = Math.min(1, 2 ** (camera.zoom - zoom));
  const from = projection.toScreen(x, y);
  const scale = pxPerUnit(extent, zoom);
  const at = { x: anchor.x + (from.x - anchor.x) * share, y: anchor.y + (from.y - anchor.y) * share };
  return { x: x - (at.x - viewport.widthPx / 2) / scale, y: y - (at.y - viewport.heightPx / 2) / scale, zoom };
}

export function pannedBy(projection: Projection, dxPx: number, dyPx: number): Camera {
  const { camera, pxPerUnit: scale } = projection;
  return { x: camera.x - dxPx / scale, y: camera.y - dyPx / scale, zoom: camera.zoom };
}

/** Keeps the zoom within limits and the middle of the screen over the map or not far beside it. */
export function clamped(camera: Camera, extent: Extent, minZoom: number, maxZoom: number): Camera {
  const slack = extent.size * SLACK_SHARE;
  const inside = (value: number, low: number) => Math.min(Math.max(value, low - slack), low + extent.size + slack);
  return {
    x: inside(camera.x, extent.x0),
    y: inside(camera.y, extent.y0),
    zoom: Math.min(Math.max(camera.zoom, minZoom), maxZoom),
  };
}

export interface TileRange {
  level: number;
  tx0: number;
  ty0: number;
  /** Inclusive. */
  tx1: number;
  ty1: number;
}

/** The tiles of a level that the screen shows. */
export function visibleTiles(projection: Projection, level: number): TileRange {
  const n = 2 ** level;
  const { extent, viewport } = projection;
  const topLeft = projection.toLayout({ x: 0, y: 0 });
  const bottomRight = projection.toLayout({ x: viewport.widthPx, y: viewport.heightPx });
  const index = (value: number, low: number) => Math.min(n - 1, Math.max(0, Math.floor(((value - low) / extent.size) * n)));
  return {
    level,
    tx0: index(topLeft.x, extent.x0),
    ty0: index(topLeft.y, extent.y0),
    tx1: index(bottomRight.x, extent.x0),
    ty1: index(bottomRight.y, extent.y0),
  };
}

/** Column and row of the cell of a level in which a layout point lies, clamped to the map. */
export function cellAt(extent: Extent, level: number, x: number, y: number): { column: number; row: number } {
  const n = 8 * 2 ** level;
  const index = (value: number, low: number) => Math.min(n - 1, Math.max(0, Math.floor(((value - low) / extent.size) * n)));
  return { column: index(x, extent.x0), row: index(y, extent.y0) };
}

/** The layout point in the middle of a cell. */
export function cellCenter(extent: Extent, level: number, column: number, row: number): { x: number; y: number } {
  const side = extent.size / (8 * 2 ** level);
  return { x: extent.x0 + (column + 0.5) * side, y: extent.y0 + (row + 0.5) * side };
}

/**
 * A smooth path between two cameras that zooms out on long ways, so that the eye can follow.
 *
 * After van Wijk and Nuij, "Smooth and efficient zooming and panning" (2003), with ρ = √2; `at(t)` for t in [0, 1].
 */
export function flight(
  from: Camera,
  to: Camera,
  extent: Extent,
  viewport: Viewport,
): { durationMs: number; at(t: number): Camera } {
  const rho = Math.SQRT2;
  const width = (zoom: number) => viewport.widthPx / pxPerUnit(extent, zoom);
  const zoomOf = (w: number) => Math.log2((viewport.widthPx * extent.size) / (w * TILE_PX));
  const w0 = width(from.zoom);
  const w1 = width(to.zoom);
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const distance = Math.hypot(dx, dy);
  if (distance < 1e-6 * Math.min(w0, w1)) {
    const length = Math.abs(Math.log(w1 / w0)) / rho;
    const zoomAt = (t: number) => from.zoom + (to.zoom - from.zoom) * t;
    return { durationMs: flightMs(length), at: (t) => ({ x: to.x, y: to.y, zoom: zoomAt(eased(t)) }) };
  }
  const b = (w: number, sign: 1 | -1) =>
    (w1 * w1 - w0 * w0 + sign * rho ** 4 * distance * distance) / (2 * w * rho * rho * distance);
  const r = (value: number) => Math.log(Math.sqrt(value * value + 1) - value);
  const r0 = r(b(w0, 1));
  const r1 = r(b(w1, -1));
  const length = (r1 - r0) / rho;
  return {
    durationMs: flightMs(length),
    at(t) {
      if (t >= 1) return to;
      const s = eased(t) * length;
      const along = ((w0 / (rho * rho)) * (Math.cosh(r0) * Math.tanh(rho * s + r0) - Math.sinh(r0))) / distance;
      const w = (w0 * Math.cosh(r0)) / Math.cosh(rho * s + r0);
      return { x: from.x + along * dx, y: from.y + along * dy, zoom: zoomOf(w) };
    },
  };
}

function flightMs(length: number): number {
  return Math.min(1400, 320 + Math.abs(length) * 260);
}

function eased(t: number): number {
  return t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
}
