import type { Positions } from "../bundle/columns";
import { NO_ROW } from "../bundle/columns";

/** How widely some items are strewn over a map, and how widely as many would be that were drawn by chance. */
export interface Spread {
  /** Squares of the grid that hold one of the items. */
  nSquares: number;
  /** Squares that as many items drawn at random hold on average. */
  nAtRandom: number;
  /** Squares that hold any item of the map. */
  nOccupied: number;
  /** Items of these that the map shows. */
  nShown: number;
}

export const SQUARES_ACROSS = 8;

/** Counts squares of a grid over the bounds of the map's items. */
export function spreadOf(items: readonly number[], { xy, rowOf }: Positions): Spread {
  const rows = items.map((item) => rowOf[item] ?? NO_ROW).filter((row) => row !== NO_ROW);
  const squareOf = squaresOver(xy);
  const counts = new Map<number, number>();
  for (let row = 0; row * 2 < xy.length; row++) counts.set(squareOf(row), (counts.get(squareOf(row)) ?? 0) + 1);
  const nRows = xy.length / 2;
  let nAtRandom = 0;
  for (const count of counts.values()) nAtRandom += 1 - shareMissed(count, nRows, rows.length);
  return { nSquares: new Set(rows.map(squareOf)).size, nAtRandom, nOccupied: counts.size, nShown: rows.length };
}

/** The probability that none of n rows, drawn without putting back, is among `count` of `nRows`. */
function shareMissed(count: number, nRows: number, n: number): number {
  let share = 1;
  for (let drawn = 0; drawn < n; drawn++) share *= Math.max(0, nRows - count - drawn) / (nRows - drawn);
  return share;
}

function squaresOver(xy: Float32Array): (row: number) => number {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < xy.length; at++) {
    low[at & 1] = Math.min(low[at & 1]!, xy[at]!);
    high[at & 1] = Math.max(high[at & 1]!, xy[at]!);
  }
  const side = Math.max(high[0]! - low[0]!, high[1]! - low[1]!) || 1;
  const index = (value: number, from: number) =>
    Math.min(SQUARES_ACROSS - 1, Math.floor(((value - from) / side) * SQUARES_ACROSS));
  return (row) => index(xy[row * 2]!, low[0]!) + SQUARES_ACROSS * index(xy[row * 2 + 1]!, low[1]!);
}
