import type { FidelityRow } from "../bundle/model";

/** A neighbor counts as kept when it is among this many times k on the other side. */
const WIDE = 4;

/** How many nearest items count as near when k of them are asked for. */
export function nearCount(k: number, nItems: number): number {
  return Math.min(WIDE * k, nItems - 1);
}

/** The share of false, and of missing, neighbors that a map with items strewn at random would have. */
export function shareAtRandom(k: number, nItems: number): number {
  return nItems < 2 ? 0 : 1 - nearCount(k, nItems) / (nItems - 1);
}

const NEAREST_K = 10;

/** The figures that are told first: those of the 10 nearest, or of the size that comes nearest to it. */
export function nearestRow(rows: readonly FidelityRow[]): FidelityRow | undefined {
  return [...rows].sort((a, b) => Math.abs(Math.log(a.k / NEAREST_K)) - Math.abs(Math.log(b.k / NEAREST_K)))[0];
}
