import type { Projection } from "../state/camera";

/** Draws the items as dots. Two ways exist: the graphics card, and a canvas for machines without one. */
export interface PointsPainter {
  /** Rows that are drawn; every prefix of the drawing order is a fair sample of the map. */
  readonly nDrawn: number;
  setColors(rgba: Uint8Array<ArrayBuffer>): void;
  paint(projection: Projection, radiusPx: number): void;
  resize(widthPx: number, heightPx: number, ratio: number): void;
  clear(): void;
  destroy(): void;
}

/** Dots grow slowly with the zoom and shrink with their number. */
export function pointRadiusPx(nItems: number, zoomBeyondFit: number): number {
  const base = 5.2 - 0.75 * Math.log10(Math.max(10, nItems));
  return Math.min(9, Math.max(0.9, base * 2 ** (0.38 * zoomBeyondFit)));
}

/** Says why WebGL 2 cannot be used here, or null when it can. */
export function webglProblem(): string | null {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    if (!context) return "This browser offers no WebGL 2";
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  } catch {
    return "WebGL 2 could not be started";
  }
}
