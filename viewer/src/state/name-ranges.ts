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
  const placed: Placed[] = [];
  for (const index of order) {
    const label = labels[index]!;
    const { from: start, until: end } = wanted[index]!;
    const from = clearFrom(label, start, placed, map.size);
    if (from >= end) continue;
    const { x, y, widthPx, heightPx } = label;
    placed.push({ index, from, until: Math.max(end, from + SHORTEST_LEVELS), x, y, widthPx, heightPx });
  }
  return placed.map(({ index, from, until }) => ({ index, from, until }));
}

type Placed = Pick<MapLabel, "x" | "y" | "widthPx" | "heightPx"> & NameRange;

const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

function wantedRange(label: MapLabel, nItems: number): Omit<NameRange, "index"> {
  const wide = (px: number) => Math.log2(px / (TILE_PX * Math.sqrt((FILLED_SHARE * label.nItems) / nItems)));
  const from = Math.min(Math.max(label.minZoom, wide(NAMED_FROM_PX)), label.minZoom + LATEST_LEVELS);
  return {
    from: label.level === 0 ? Number.NEGATIVE_INFINITY : from,
    until: Math.max(label.maxZoom, wide(NAMED_UNTIL_PX)),
  };
}

/** The first zoom, of those from `start` on, from which a name overlaps none of those that were placed before it. */
function clearFrom(label: MapLabel, start: number, placed: readonly Placed[], size: number): number {
  const gapPx = label.level > 0 ? GAP_PX : 0;
  let clear = start;
  let clearScale = 2 ** clear;
  for (const other of placed) {
    if (other.until <= clear) continue;
    const across = ((label.widthPx + other.widthPx) / 2 + gapPx) / Math.abs(label.x - other.x);
    const down = ((label.heightPx + other.heightPx) / 2 + gapPx) / Math.abs(label.y - other.y);
    const partedScale = (Math.min(across, down) * size) / TILE_PX;
    if (partedScale <= clearScale || partedScale <= 2 ** other.from) continue;
    clear = Math.min(Math.log2(partedScale), other.until);
    clearScale = 2 ** clear;
  }
  return clear;
}

function compareIds(a: MapLabel, b: MapLabel): number {
  return a.level - b.level || a.region - b.region;
}
