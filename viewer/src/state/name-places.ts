import type { PointPx, RectPx } from "./camera";

/** How much farther a step aside counts than one up or down: a name above what it names is still read as its name. */
const ASIDE_COST = 1.25;

/**
 * The place nearest to its own at which a name hides nothing: in an empty cell, or on the line between two rows.
 *
 * `cellPx` is the width of the smallest cells that are drawn and `lineY` where one of the lines between their rows lies. Names
 * go no farther than `reachPx`. Returns null where no such place is free.
 */
export function freePlace(
  own: PointPx,
  cellPx: number,
  lineY: number,
  reachPx: number,
  isFree: (at: PointPx) => boolean,
): PointPx | null {
  if (isFree(own)) return own;
  const stepPx = cellPx / 2;
  const nearestLine = lineY + Math.round((own.y - lineY) / stepPx) * stepPx;
  const nSteps = Math.floor(reachPx / stepPx);
  const places: { at: PointPx; cost: number }[] = [];
  for (let down = -nSteps - 1; down <= nSteps + 1; down++) {
    for (let aside = -nSteps; aside <= nSteps; aside++) {
      const at = { x: own.x + aside * stepPx, y: nearestLine + down * stepPx };
      const cost = Math.hypot(ASIDE_COST * (at.x - own.x), at.y - own.y);
      if (cost <= reachPx) places.push({ at, cost });
    }
  }
  places.sort((a, b) => a.cost - b.cost);
  return places.find(({ at }) => isFree(at))?.at ?? null;
}

/** The box of a size around a place. */
export function boxAround({ x, y }: PointPx, width: number, height: number): RectPx {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Whether two boxes share some ground. */
export function overlap(a: RectPx, b: RectPx): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
