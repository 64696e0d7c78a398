import type { Collage } from "../bundle/model";

/** A picture stays clear when its cell is drawn smaller than it was rendered; a text card needs its full size. */
const PICTURE_BIAS = 1.5;
const CARD_BIAS = 0.5;
/** How far one can zoom beyond the deepest level: its cells are then 64 · 2^2.4 ≈ 340 px wide. */
const BEYOND_DEEPEST = 2.4;
/** Items that open a map of their own are seen nearly as large as that map before it opens. */
const BEYOND_DEEPEST_OPENING = 3;
const ZOOM_WITHOUT_COLLAGE = 11;

/** The collage level that is drawn at a zoom. */
export function collageLevel(collage: Collage, zoom: number): number {
  const bias = collage.pictures === "cards" ? CARD_BIAS : PICTURE_BIAS;
  return Math.min(collage.nLevels - 1, Math.max(0, Math.floor(zoom + bias)));
}

export function maxZoom(collage: Collage | null, opensMaps = false): number {
  if (!collage) return ZOOM_WITHOUT_COLLAGE;
  return collage.nLevels - 1 + (opensMaps ? BEYOND_DEEPEST_OPENING : BEYOND_DEEPEST);
}

/** The zoom at which an item that is alone in a cell of `level` is drawn some 130 px wide. */
export function itemZoom(level: number): number {
  return level + 1.02;
}
