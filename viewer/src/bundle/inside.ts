/** A corner in layout units. */
export interface Corner {
  x: number;
  y: number;
}

export type Polygon = readonly Corner[];

/** Rows that are looked at before the page gets its turn: some ten milliseconds of work. */
const ROWS_AT_ONCE = 400_000;

/**
 * Marks the points that lie in a polygon, by the even-odd rule.
 *
 * Returns (n) 1 where a point lies inside. A corner's pixel belongs to one side only, so that neighboring boxes share no point.
 */
export async function rowsInside(xy: Float32Array, polygon: Polygon): Promise<Uint8Array> {
  const nRows = xy.length / 2;
  const mask = new Uint8Array(nRows);
  const box = boxOf(polygon);
  for (let start = 0; start < nRows; start += ROWS_AT_ONCE) {
    if (start > 0) await nextTurn();
    const end = Math.min(nRows, start + ROWS_AT_ONCE);
    for (let row = start; row < end; row++) {
      const x = xy[row * 2]!;
      const y = xy[row * 2 + 1]!;
      if (x < box.x0 || x > box.x1 || y < box.y0 || y > box.y1) continue;
      if (isInside(polygon, x, y)) mask[row] = 1;
    }
  }
  return mask;
}

/** Whether a place lies in a polygon. */
export function isInside(polygon: Polygon, x: number, y: number): boolean {
  let inside = false;
  for (let at = 0, before = polygon.length - 1; at < polygon.length; before = at++) {
    const a = polygon[at]!;
    const b = polygon[before]!;
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** Lets the page do what waits, so that long work never holds a frame up. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function boxOf(polygon: Polygon) {
  const box = {
    x0: Number.POSITIVE_INFINITY,
    y0: Number.POSITIVE_INFINITY,
    x1: Number.NEGATIVE_INFINITY,
    y1: Number.NEGATIVE_INFINITY,
  };
  for (const { x, y } of polygon) {
    box.x0 = Math.min(box.x0, x);
    box.y0 = Math.min(box.y0, y);
    box.x1 = Math.max(box.x1, x);
    box.y1 = Math.max(box.y1, y);
  }
  return box;
}
