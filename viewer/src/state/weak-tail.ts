/** Where half of a region's texts stay below this share of the latent's maximum, it is mostly the weak end of the latent. */
export const WEAK_SHARE = 0.2;

/** The middle of some values; NaN where there are none. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Says of a region that it is mostly weak, beside the whole map; null where it is not. */
export function weakText(
  activations: ArrayLike<number>,
  codes: ArrayLike<number>,
  region: number,
  maximum: number,
): string | null {
  const all = Array.from(activations);
  const here = medianOf(all.filter((_, row) => codes[row] === region)) / maximum;
  if (!(here < WEAK_SHARE)) return null;
  return `Mostly weak: its median activation is ${here.toFixed(2)} of the latent's maximum (on the whole map ${(medianOf(all) / maximum).toFixed(2)}).`;
}
