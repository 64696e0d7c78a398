import { histogramOf } from "./filters";

/** How an activation is distributed over some rows of a map, and over all of them: shares of each in equal steps from 0. */
export interface ActivationPair {
  maximum: number;
  here: number[];
  all: number[];
  meanHere: number;
  meanAll: number;
}

const N_BINS = 32;

/** Compares the rows of a mask with all rows; null where it holds none, or nothing is active. */
export function activationPair(values: ArrayLike<number>, mask: Uint8Array): ActivationPair | null {
  let [maximum, sumHere, sumAll, nHere] = [0, 0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    maximum = Math.max(maximum, value);
    sumAll += value;
    if (mask[row] !== 1) continue;
    sumHere += value;
    nHere++;
  }
  if (nHere === 0 || !(maximum > 0)) return null;
  const shares = (counts: number[], n: number) => counts.map((count) => count / n);
  return {
    maximum,
    here: shares(histogramOf(values, 0, maximum, N_BINS, mask), nHere),
    all: shares(histogramOf(values, 0, maximum, N_BINS), values.length),
    meanHere: sumHere / nHere,
    meanAll: sumAll / values.length,
  };
}

/** Items with their values on a map, the largest first; those that it does not show come last, and ties keep their order. */
export function strongestFirst(
  items: ArrayLike<number>,
  values: ArrayLike<number>,
  rowOf: ArrayLike<number>,
): { item: number; value: number | null }[] {
  const listed = Array.from(items, (item) => ({ item, value: values[rowOf[item] ?? -1] ?? null }));
  return listed.sort((a, b) => (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY));
}
