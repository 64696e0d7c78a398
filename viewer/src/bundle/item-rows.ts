import { NO_ROW } from "./columns";
import type { MapData } from "./map-data";

/** The items of the marked rows of a map, ascending: on a tiled map the rows themselves, and so nothing is read for it. */
export async function itemsOfRows(data: MapData, mask: Uint8Array): Promise<Uint32Array> {
  const n = mask.reduce((sum, one) => sum + one, 0);
  const items = new Uint32Array(n);
  const rowOf = data.isTiled ? null : (await data.positions()).rowOf;
  let at = 0;
  for (let item = 0; at < n && item < (rowOf ?? mask).length; item++) {
    const row = rowOf ? rowOf[item]! : item;
    if (row !== NO_ROW && mask[row] === 1) items[at++] = item;
  }
  return items;
}

/** The item of the only marked row of a map; null where none or several are marked. */
export async function onlyItemOf(data: MapData, mask: Uint8Array): Promise<number | null> {
  const row = mask.indexOf(1);
  if (row < 0 || mask.includes(1, row + 1)) return null;
  return data.isTiled ? row : (await data.positions()).item[row]!;
}

/** (n_rows) 1 for each row that shows one of some items. */
export async function rowsOfItems(data: MapData, items: ArrayLike<number>): Promise<Uint8Array> {
  const mask = new Uint8Array(data.map.nItems);
  const rows = await rowsInOrder(data, items);
  for (const row of rows) if (row !== NO_ROW) mask[row] = 1;
  return mask;
}

/** The row of each of some items; `NO_ROW` for those that the map does not show. */
export async function rowsInOrder(data: MapData, items: ArrayLike<number>): Promise<Uint32Array> {
  const { nItems } = data.map;
  if (data.isTiled) return Uint32Array.from(items, (item) => (item < nItems ? item : NO_ROW));
  const { rowOf } = await data.positions();
  return Uint32Array.from(items, (item) => rowOf[item] ?? NO_ROW);
}
