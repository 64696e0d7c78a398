import { histogramOf } from "./filters";

/** How an activation is distributed over some rows of a map, and over all of them: shares of each in equal steps. */
export interface ActivationPair {
  /** 0, or less where activations are negative. */
  minimum: number;
  maximum: number;
  here: number[];
  all: number[];
  meanHere: number;
  meanAll: number;
}

const N_BINS = 32;

/** Compares the rows of a mask with all rows, as far as they have a value; null where it holds none, or nothing is active. */
export function activationPair(values: ArrayLike<number>, mask: Uint8Array): ActivationPair | null {
  let [minimum, maximum, sumHere, sumAll, nHere, nAll] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sumAll += value;
    nAll++;
    if (mask[row] !== 1) continue;
    sumHere += value;
    nHere++;
  }
  if (nHere === 0 || maximum === minimum) return null;
  const shares = (counts: number[], n: number) => counts.map((count) => count / n);
  return {
    minimum,
    maximum,
    here: shares(histogramOf(values, minimum, maximum, N_BINS, mask), nHere),
    all: shares(histogramOf(values, minimum, maximum, N_BINS), nAll),
    meanHere: sumHere / nHere,
    meanAll: sumAll / nAll,
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
