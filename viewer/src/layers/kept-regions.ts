import type { MapData } from "../bundle/map-data";

/** Which regions the filters leave without any item; until that is known, none. */
export class KeptRegions {
  private readonly counts = new Map<number, Uint32Array | null>();

  constructor(
    private readonly data: MapData,
    private readonly mask: Uint8Array,
    private readonly onArrival: () => void,
  ) {}

  isGone(level: number, region: number): boolean {
    const counts = this.counts.get(level);
    if (counts === undefined) this.read(level);
    return counts ? (counts[region] ?? 0) === 0 : false;
  }

  private read(level: number): void {
    this.counts.set(level, null);
    this.data
      .regionCodes(level)
      .then((codes) => {
        if (!codes) return;
        this.counts.set(level, countsOf(codes, this.mask));
        this.onArrival();
      })
      .catch(() => {});
  }
}

/** How many of the rows that a mask keeps lie in each region. */
export function countsOf(codes: Uint16Array, mask: Uint8Array): Uint32Array {
  const counts = new Uint32Array(2 ** 16);
  for (let row = 0; row < codes.length; row++) if (mask[row] !== 0) counts[codes[row]!]!++;
  return counts;
}
