import type { Extent } from "../bundle/model";
import type { Projection, RectPx } from "../state/camera";

export type { RectPx };

/** The square of column and row in a grid of n × n over the extent, on whole device pixels so that neighbors never gap. */
export function gridRect(projection: Projection, n: number, column: number, row: number, ratio: number): RectPx {
  const { extent } = projection;
  const side = extent.size / n;
  const topLeft = projection.toScreen(extent.x0 + column * side, extent.y0 + row * side);
  const bottomRight = projection.toScreen(extent.x0 + (column + 1) * side, extent.y0 + (row + 1) * side);
  const snap = (value: number) => Math.round(value * ratio) / ratio;
  const x = snap(topLeft.x);
  const y = snap(topLeft.y);
  return { x, y, width: snap(bottomRight.x) - x, height: snap(bottomRight.y) - y };
}

export function extentRect(projection: Projection, extent: Extent): RectPx {
  const topLeft = projection.toScreen(extent.x0, extent.y0);
  const side = extent.size * projection.pxPerUnit;
  return { x: topLeft.x, y: topLeft.y, width: side, height: side };
}
