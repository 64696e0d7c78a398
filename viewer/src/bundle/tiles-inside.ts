import { isInside, type Polygon } from "./inside";
import type { Extent } from "./model";
import { type PointTile, placeIn, type TileDirectory, tileSquare } from "./point-tiles";

/** The tiles that a polygon touches: those that lie inside it whole, and those of which single places must be looked at. */
export interface TouchedTiles {
  whole: PointTile[];
  partly: PointTile[];
}

/**
 * Goes down from the root, past the tiles that lie outside.
 *
 * Where no edge of the polygon meets a square, the square lies inside or outside as a whole, and so do all tiles below it.
 */
export function tilesInside(directory: TileDirectory, extent: Extent, polygon: Polygon): TouchedTiles {
  const touched: TouchedTiles = { whole: [], partly: [] };
  let level = [{ tile: directory.root, isWhole: false }];
  while (level.length > 0) {
    const below: typeof level = [];
    for (const { tile, isWhole } of level) {
      const square = tileSquare(extent, tile);
      const isCut = !isWhole && meetsEdge(square, polygon);
      if (!isWhole && !isCut && !isInside(polygon, square.x0, square.y0)) continue;
      if (tile.n > 0) (isCut ? touched.partly : touched.whole).push(tile);
      for (const child of directory.childrenOf(tile)) below.push({ tile: child, isWhole: !isCut });
    }
    level = below;
  }
  return touched;
}

/** Marks the rows of a map that lie in a polygon, given the places of a tile's points as steps from its corner. */
export async function tiledRowsInside(
  directory: TileDirectory,
  extent: Extent,
  polygon: Polygon,
  placesOf: (tile: PointTile) => Promise<Uint16Array>,
  nRows: number,
): Promise<Uint8Array> {
  const mask = new Uint8Array(nRows);
  const { whole, partly } = tilesInside(directory, extent, polygon);
  for (const { start, n } of whole) mask.fill(1, start, start + n);
  await Promise.all(
    partly.map(async (tile) => {
      const places = await placesOf(tile);
      const square = tileSquare(extent, tile);
      for (let row = 0; row < tile.n; row++) {
        const { x, y } = placeIn(square, places[2 * row]!, places[2 * row + 1]!);
        if (isInside(polygon, x, y)) mask[tile.start + row] = 1;
      }
    }),
  );
  return mask;
}

/** Whether an edge of a polygon runs through a square, or along its border. */
function meetsEdge(square: Extent, polygon: Polygon): boolean {
  for (let at = 0, before = polygon.length - 1; at < polygon.length; before = at++) {
    if (meetsSquare(square, polygon[before]!, polygon[at]!)) return true;
  }
  return false;
}

/** Whether a line between two places has a point in a square: the part of it that lies between each pair of sides is not empty. */
function meetsSquare({ x0, y0, size }: Extent, a: { x: number; y: number }, b: { x: number; y: number }): boolean {
  let [from, to] = [0, 1];
  for (const [start, end, low] of [
    [a.x, b.x, x0],
    [a.y, b.y, y0],
  ] as const) {
    const length = end - start;
    if (length === 0) {
      if (start < low || start > low + size) return false;
      continue;
    }
    const [one, other] = [(low - start) / length, (low + size - start) / length];
    from = Math.max(from, Math.min(one, other));
    to = Math.min(to, Math.max(one, other));
  }
  return from <= to;
}
