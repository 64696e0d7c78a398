import type { MapData } from "./map-data";

/** Up to so many items, all places of a tiled map may be read where only they can tell: 8 MB. */
export const WHOLE_ITEMS = 2_000_000;
const MOST_RINGED = 4_000;
/** Up to so many items are looked up one by one where not all can be read. */
export const MOST_SINGLES = 200;

/** How many of the items that a search finds are ringed on the map: the first ones. */
export function mostRinged({ map, isTiled }: Pick<MapData, "map" | "isTiled">): number {
  return isTiled && map.nItems > WHOLE_ITEMS ? MOST_SINGLES : MOST_RINGED;
}
