/** (2 · n) x and y of the rows of a region, in layout units; where it has more than `most` rows, of every so many-th. */
export function someOfRegion(codes: ArrayLike<number>, region: number, xy: ArrayLike<number>, most: number): Float32Array {
  let n = 0;
  for (let row = 0; row < codes.length; row++) if (codes[row] === region) n++;
  const stride = Math.max(1, Math.ceil(n / most));
  const places = new Float32Array(2 * Math.ceil(n / stride));
  for (let [row, nSeen, at] = [0, 0, 0]; row < codes.length; row++) {
    if (codes[row] !== region || nSeen++ % stride !== 0) continue;
    places[at++] = xy[2 * row]!;
    places[at++] = xy[2 * row + 1]!;
  }
  return places;
}

/** How far, at most, such a share of some places are from the next one; 0 where there is no other. */
export function spacingOf(places: Float32Array, share: number): number {
  const n = places.length / 2;
  if (n < 2) return 0;
  const nearest = Float32Array.from({ length: n }, (_, one) => {
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < n; other++) {
      if (other === one) continue;
      least = Math.min(least, Math.hypot(places[2 * one]! - places[2 * other]!, places[2 * one + 1]! - places[2 * other + 1]!));
    }
    return least;
  }).sort();
  return nearest[Math.floor(share * (n - 1))]!;
}
