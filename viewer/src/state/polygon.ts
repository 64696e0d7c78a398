import type { Corner, Polygon } from "../bundle/inside";

/** What an address can hold of a lasso. */
export const MOST_CORNERS = 24;

/** The four corners of a box between two opposite ones. */
export function boxBetween(a: Corner, b: Corner): Polygon {
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
}

/**
 * Leaves the corners out that change the polygon least, until few enough are left.
 *
 * After Visvalingam and Whyatt, "Line generalisation by repeated elimination of points" (1993): each time the corner goes that
 * spans the smallest triangle with its neighbors.
 */
export function simplified(polygon: Polygon, mostCorners = MOST_CORNERS): Polygon {
  const corners = [...polygon];
  const areas = corners.map((_, at) => triangleAt(corners, at));
  while (corners.length > Math.max(3, mostCorners)) {
    const least = areas.indexOf(Math.min(...areas));
    corners.splice(least, 1);
    areas.splice(least, 1);
    for (const at of [least - 1, least]) {
      const there = (at + corners.length) % corners.length;
      areas[there] = triangleAt(corners, there);
    }
  }
  return corners;
}

/** A drawn shape as the address will hold it, so that whoever follows the address selects the same. */
export function settled(polygon: Polygon): Polygon {
  const rounded = (value: number) => Number(value.toPrecision(6));
  return simplified(polygon).map(({ x, y }) => ({ x: rounded(x), y: rounded(y) }));
}

/** Twice the area of the triangle that a corner makes with its neighbors. */
function triangleAt(corners: Polygon, at: number): number {
  const n = corners.length;
  const [a, b, c] = [corners[(at + n - 1) % n]!, corners[at]!, corners[(at + 1) % n]!];
  return Math.abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y));
}
