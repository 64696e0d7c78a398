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
