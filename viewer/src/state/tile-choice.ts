import type { Extent } from "../bundle/model";
import { type PointTile, type TileDirectory, tileSquare } from "../bundle/point-tiles";
import type { Bounds } from "./camera";

/** A tile of which the first `n` points are drawn, and the share of its square that the screen shows. */
export interface TileShare {
  tile: PointTile;
  n: number;
  seen: number;
}

/** Which points are drawn of those that the screen shows. */
export interface TileChoice {
  /** Coarse tiles first. */
  shares: TileShare[];
  /** The share of the map's points that is drawn, the same everywhere. */
  rate: number;
  /** Points in the chosen shares, of which some may lie beside the screen. */
  nChosen: number;
  /** Points on the screen, drawn or not, and those of them that are drawn: estimated where a tile is only partly seen. */
  nInView: number;
  nDrawn: number;
}

/** A map's points: its tiles, the square that they divide, and the part of it in which points lie. */
export interface TiledMap {
  directory: TileDirectory;
  extent: Extent;
  bounds: Bounds;
}

/** Rates go by steps of √2, so that moving a little does not make points come and go. */
const STEPS_PER_HALF = 2;
const MAX_STEPS = 60;
/** A finer rate must leave this share of the budget free before it is taken up again. */
const FINER_AT = 0.85;

/**
 * Chooses points at one rate for the whole screen, so that what is drawn is a fair sample: dense places look dense.
 *
 * A tile's rows are a fair sample of what its ancestors left to it. If it is to be drawn at rate q and has r of its points
 * itself, it gives its first q/r rows where q ≤ r; else all of them, and the tiles below must give (q − r)/(1 − r) of theirs.
 */
export function choiceAt(map: TiledMap, box: Bounds, rate: number, limit = Number.POSITIVE_INFINITY): TileChoice {
  const { directory, extent, bounds } = map;
  const choice: TileChoice = { shares: [], rate, nChosen: 0, nInView: 0, nDrawn: 0 };
  let level = [{ tile: directory.root, wanted: rate }];
  while (level.length > 0 && choice.nChosen <= limit) {
    const below: typeof level = [];
    for (const { tile, wanted } of level) {
      const seen = shareSeen(tileSquare(extent, tile), bounds, box);
      if (seen === 0 || tile.nAll === 0) continue;
      const own = tile.n / tile.nAll;
      const n = wanted >= own ? tile.n : Math.min(tile.n, Math.floor(wanted * tile.nAll + dither(tile.index)));
      if (n > 0) choice.shares.push({ tile, n, seen });
      choice.nChosen += n;
      choice.nDrawn += n * seen;
      if (wanted > own) {
        choice.nInView += tile.n * seen;
        const left = (wanted - own) / (1 - own);
        for (const child of directory.childrenOf(tile)) below.push({ tile: child, wanted: left });
      } else choice.nInView += tile.nAll * seen;
    }
    level = below;
  }
  return choice;
}

/** Chooses as many points as a budget and a highest rate allow; a rate that was used before is kept while it serves. */
export function choiceWithin(map: TiledMap, box: Bounds, budget: number, highest = 1, before: number | null = null): TileChoice {
  for (let step = 0; step < MAX_STEPS; step++) {
    const rate = 2 ** (-step / STEPS_PER_HALF);
    const share = before !== null && rate > before ? FINER_AT : 1;
    if (rate > (highest < 1 ? highest * share : 1)) continue;
    const choice = choiceAt(map, box, rate, budget * share);
    if (choice.nChosen <= budget * share) return choice;
  }
  return choiceAt(map, box, 0);
}

/** How many points are in view, and how many lie on a unit of area around most of them; by squares no smaller than a size. */
export function crowdIn(
  { directory, extent, bounds }: TiledMap,
  box: Bounds,
  smallest: number,
): { nPoints: number; perArea: number } {
  let nPoints = 0;
  let crowd = 0;
  // A tile's own rows are spread like those below it, so the tiles below count for more.
  let level = [{ tile: directory.root, weight: 1 }];
  while (level.length > 0) {
    const below: typeof level = [];
    for (const { tile, weight } of level) {
      const square = tileSquare(extent, tile);
      const seen = shareSeen(square, bounds, box);
      if (seen === 0) continue;
      if (square.size / 2 < smallest || tile.nAll === tile.n) {
        nPoints += weight * tile.nAll * seen;
        crowd += (weight * tile.nAll * seen * weight * tile.nAll) / square.size ** 2;
      } else {
        const heavier = (weight * tile.nAll) / (tile.nAll - tile.n);
        for (const child of directory.childrenOf(tile)) below.push({ tile: child, weight: heavier });
      }
    }
    level = below;
  }
  return { nPoints, perArea: nPoints > 0 ? crowd / nPoints : 0 };
}

/** The share of a square that a box covers, of the part of it in which points lie. */
function shareSeen({ x0, y0, size }: Extent, bounds: Bounds, box: Bounds): number {
  const across = share(x0, x0 + size, bounds.x0, bounds.x1, box.x0, box.x1);
  return across && across * share(y0, y0 + size, bounds.y0, bounds.y1, box.y0, box.y1);
}

function share(from: number, to: number, low: number, high: number, seenFrom: number, seenTo: number): number {
  const [start, end] = [Math.max(from, low), Math.min(to, high)];
  const seen = Math.min(end, seenTo) - Math.max(start, seenFrom);
  if (end <= start) return seen >= 0 ? 1 : 0; // points on a line
  return Math.max(0, seen / (end - start));
}

/** Spreads what rounding would add or take evenly over the tiles. */
function dither(index: number): number {
  return (index * 0.618033988749895) % 1;
}
