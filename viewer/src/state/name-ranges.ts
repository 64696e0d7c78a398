import { TILE_PX } from "../bundle/cells";
import type { MapLabel } from "../bundle/model";

/** The zooms at which a name shows: from the first to before the last. */
export interface NameRange {
  /** Its number among the names. */
  index: number;
  from: number;
  until: number;
}

/** The map that names stand on, and which regions are named before all others, at every zoom. */
export interface NamedMap {
  size: number;
  nItems: number;
  isFirst: (label: MapLabel) => boolean;
}

/** A region is named once it is about so wide, though no later than this beyond the zoom that the atlas asks for. */
const NAMED_FROM_PX = 150;
const LATEST_LEVELS = 1.5;
/** A name stays at least until its region is about so wide, so that it is read before those of parts take its place. */
const NAMED_UNTIL_PX = 560;
/** How much of the square of a map its items take up. */
const FILLED_SHARE = 0.64;
const SHORTEST_LEVELS = 1;
/** The room that is kept free around the names of parts. */
const GAP_PX = 8;

/**
 * Chooses at which zooms each name shows, so that no two ever overlap: large regions before small ones, and each from where it
 * has room until its parts are named.
 *
 * Names do not grow with the map, so two of them part for good at one zoom, and each has one range of zooms wherever one
 * looks (Been, Daiches and Yap 2006): moving the map changes nothing, and while one zooms no name comes and goes.
 *
 * Returns the ranges of all names that ever find room, those first that are named before others.
 */
export function nameRanges(labels: readonly MapLabel[], map: NamedMap): NameRange[] {
  const isFirst = labels.map((label) => map.isFirst(label));
  const wanted = labels.map((label, index) => (isFirst[index] ? ALWAYS : wantedRange(label, map.nItems)));
  const order = labels.map((_, index) => index);
  order.sort((a, b) => {
    const sooner = Number(isFirst[b]) - Number(isFirst[a]) || wanted[a]!.from - wanted[b]!.from || 0; // NaN where both show from the widest view on
    return sooner || labels[b]!.nItems - labels[a]!.nItems || compareIds(labels[a]!, labels[b]!);
  });
  const placed = new PlacedNames(labels.length, map.size);
  const ranges: NameRange[] = [];
  for (const index of order) {
    const label = labels[index]!;
    const { from: start, until: end } = wanted[index]!;
    const from = placed.clearFrom(label, start);
    if (from >= end) continue;
    const range = { index, from, until: Math.max(end, from + SHORTEST_LEVELS) };
    placed.add(label, range);
    ranges.push(range);
  }
  return ranges;
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

function wantedRange(label: MapLabel, nItems: number): Omit<NameRange, "index"> {
  const wide = (px: number) => Math.log2(px / (TILE_PX * Math.sqrt((FILLED_SHARE * label.nItems) / nItems)));
  const from = Math.min(Math.max(label.minZoom, wide(NAMED_FROM_PX)), label.minZoom + LATEST_LEVELS);
  return {
    from: label.level === 0 ? Number.NEGATIVE_INFINITY : from,
    until: Math.max(label.maxZoom, wide(NAMED_UNTIL_PX)),
  };
}

/** The names that were placed before others: numbers in one row, since all are gone through for each name. */
class PlacedNames {
  private readonly numbers: Float64Array;
  private n = 0;

  constructor(
    most: number,
    private readonly size: number,
  ) {
    this.numbers = new Float64Array(most * N_NUMBERS);
  }

  add({ x, y, widthPx, heightPx }: MapLabel, { from, until }: NameRange): void {
    this.numbers.set([x, y, widthPx / 2, heightPx / 2, this.scaleAt(from), this.scaleAt(until)], this.n * N_NUMBERS);
    this.n++;
  }

  /** The first zoom, of those from `start` on, from which a name overlaps none of them. */
  clearFrom({ x, y, widthPx, heightPx, level }: MapLabel, start: number): number {
    const { numbers } = this;
    const gapPx = level > 0 ? GAP_PX : 0;
    const [halfWidth, halfHeight] = [widthPx / 2 + gapPx, heightPx / 2 + gapPx];
    const startScale = this.scaleAt(start);
    let clear = startScale;
    for (let at = 0; at < this.n * N_NUMBERS; at += N_NUMBERS) {
      const until = numbers[at + 5]!;
      if (until <= clear) continue;
      const dx = Math.abs(x - numbers[at]!);
      const across = halfWidth + numbers[at + 2]!;
      if (dx * clear >= across) continue;
      const dy = Math.abs(y - numbers[at + 1]!);
      const down = halfHeight + numbers[at + 3]!;
      if (dy * clear >= down) continue;
      const parted = Math.min(across / dx, down / dy);
      if (parted > numbers[at + 4]!) clear = Math.min(parted, until);
    }
    return clear === startScale ? start : Math.log2((clear * this.size) / TILE_PX);
  }

  /** Pixels for one layout unit. */
  private scaleAt(zoom: number): number {
    return (TILE_PX * 2 ** zoom) / this.size;
  }
}

/** Middle, half of the size in pixels, and the scales between which it shows. */
const N_NUMBERS = 6;

function compareIds(a: MapLabel, b: MapLabel): number {
  return a.level - b.level || a.region - b.region;
}
