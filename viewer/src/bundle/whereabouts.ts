import type { AtlasData } from "./atlas-data";
import { activationColumn, readColors } from "./columns";
import type { AtlasMap } from "./model";

/** A map that shows an item, and how strongly its latent fires on it; null where the map is of no latent. */
export interface Sighting {
  map: AtlasMap;
  activation: number | null;
}

const AT_ONCE = 6;

/** Looks on the other maps of an item's set for it; the strongest share of a latent's maximum first, then in the atlas's order. */
export async function sightingsOf(
  data: AtlasData,
  item: number,
  here: AtlasMap,
  onProgress: (nSeen: number, nMaps: number) => void,
): Promise<Sighting[]> {
  const others = [...data.atlas.maps.values()].filter(({ id, setId }) => setId === here.setId && id !== here.id);
  const found: Sighting[] = [];
  const waiting = [...others];
  let nSeen = 0;
  const look = async () => {
    for (let map = waiting.shift(); map; map = waiting.shift()) {
      const sighting = await sightingOn(data, item, map);
      if (sighting) found.push(sighting);
      onProgress(++nSeen, others.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return found.sort((a, b) => strength(b) - strength(a) || others.indexOf(a.map) - others.indexOf(b.map));
}

async function sightingOn(data: AtlasData, item: number, map: AtlasMap): Promise<Sighting | null> {
  const column = map.latent ? activationColumn(map) : undefined;
  if (!column)
    return map.nItems === data.items(map.setId).set.nItems || (await rowOn(data, item, map)) >= 0
      ? { map, activation: null }
      : null;
  const row = await rowOn(data, item, map);
  return row < 0 ? null : { map, activation: (await readColors(data.files, column))[row] ?? null };
}

async function rowOn(data: AtlasData, item: number, map: AtlasMap): Promise<number> {
  if (!map.points.item) return item < map.nItems ? item : -1;
  return (await data.itemsOf(map.id)).indexOf(item);
}

/** The share of the latent's largest activation. */
export function strength({ map, activation }: Sighting): number {
  return activation === null || !map.latent ? -1 : activation / (map.latent.maximum || 1);
}
