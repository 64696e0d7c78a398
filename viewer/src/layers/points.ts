import type { Projection } from "../state/camera";
import type { Palette } from "../state/point-colors";

/** Points that are kept and drawn together: one tile of a large map, or the whole of a small one; in drawing order. */
export interface PointBatch {
  readonly n: number;
  /** (2 · n) x, y pairs, in steps from an origin. */
  readonly places: Uint16Array | Float32Array;
  /** The layout point at step 0, and the layout units of one step. */
  readonly x0: number;
  readonly y0: number;
  readonly step: number;
  /** (n) numbers in the palette; null while they are not known: all have its last color. */
  codes: Uint8Array | Uint16Array | null;
  /** (n) how strongly a point is drawn, as a number in `opacities`; null while all are drawn in full. */
  strengths: Uint8Array | null;
}

/** The numbers of the strengths: what the filters leave out is faint, and what is not selected beside what is steps back. */
export const FAINT = 0;
export const FULL = 1;
export const BACK = 2;

/** A batch of which the first `n` points are drawn: every prefix of the drawing order is a fair sample. */
export interface DrawnBatch {
  batch: PointBatch;
  n: number;
}

export interface PointsLook {
  radiusPx: number;
  /** Of points that are faint, in full, and stepped back. */
  opacities: readonly [faint: number, full: number, back: number];
  palette: Palette;
}

/** Draws the items as dots. Two ways exist: the graphics card, and a canvas for machines without one. */
export interface PointsPainter {
  /** Points that it can draw in one picture. */
  readonly maxPoints: number;
  paint(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void;
  /** Begins a picture of more points than one frame can draw: it shows when it is done, and until then what was painted before. */
  begin(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void;
  /** Goes on with it by some points; returns whether it is done. */
  goOn(nPoints: number): boolean;
  /** Lets go of what it holds for a batch. */
  forget(batch: PointBatch): void;
  resize(widthPx: number, heightPx: number, ratio: number): void;
  clear(): void;
  destroy(): void;
}

const SMALLEST_PX = 0.9;

/** Dots grow slowly with the zoom and shrink with their number. */
export function pointRadiusPx(nItems: number, zoomBeyondFit: number): number {
  const base = 5.2 - 0.75 * Math.log10(Math.max(10, nItems));
  return Math.min(9, Math.max(SMALLEST_PX, base * 2 ** (0.38 * zoomBeyondFit)));
}

/** Dots of a map too large to be drawn whole: by how many of them a screen shows on average at a zoom. */
export function tiledRadiusPx(nItems: number, zoomBeyondFit: number): number {
  const nOnScreen = Math.max(1, nItems / 4 ** zoomBeyondFit);
  return Math.min(6, Math.max(SMALLEST_PX, 5.2 - 0.75 * Math.log10(nOnScreen)));
}

/** Says why WebGL 2 cannot be used here, or null when it can. */
export function webglProblem(): string | null {
  if (new URLSearchParams(location.search).has("raster")) return "The address asks to leave the graphics card alone";
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    if (!context) return "This browser offers no WebGL 2";
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  } catch {
    return "WebGL 2 could not be started";
  }
}
