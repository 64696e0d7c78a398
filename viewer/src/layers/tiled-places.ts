import { CELLS_PER_TILE } from "../bundle/cells";
import type { MapData } from "../bundle/map-data";
import { WHOLE_ITEMS } from "../bundle/place-limits";
import { placeIn, tileSquare } from "../bundle/point-tiles";
import { tilesInside } from "../bundle/tiles-inside";
import { type Bounds, cellAt, cellCenter, type Projection } from "../state/camera";
import { boundsAround } from "../state/fitting";
import type { KeptCells } from "./kept-cells";
import type { Standing } from "./nearest";
import type { Place, Places } from "./places";
import type { SeenPart } from "./seen-part";
import type { TiledPoints } from "./tiled-points";
import { WholePlaces } from "./whole-places";

/** So many places are read one by one, those of what is found and of what is marked beside it; for more, where a map is not too large, all. */
const SINGLE_PLACES = 250;
const MAX_KNOWN = 20_000;
/** Tiles that are looked through, and read where need be, to say that none of some rows is seen. */
const MOST_LOOKED_THROUGH = 48;
/** Rows by whose places the box around many is told. */
const SAMPLE_ROWS = 64;

/** Places of a map whose points come in tiles: from the tiles that are here, or read for single items. */
export class TiledPlaces implements Places {
  private readonly single = new Map<number, Place>();
  private readonly whole: WholePlaces;

  constructor(
    private readonly data: MapData,
    private readonly tiles: TiledPoints,
  ) {
    this.whole = new WholePlaces(data);
  }

  get areKnown(): boolean {
    return this.whole.areKnown;
  }

  readAll(): Promise<void> {
    return this.whole.readAll();
  }

  know(items: ArrayLike<number>): boolean {
    if (this.areKnown) return true;
    for (let at = 0; at < Math.min(items.length, SINGLE_PLACES); at++) {
      if (this.has(items[at]!) && !this.of(items[at]!)) return false;
    }
    return items.length <= SINGLE_PLACES || !this.canBeWhole;
  }

  async read(items: ArrayLike<number>): Promise<void> {
    if (items.length > SINGLE_PLACES && this.canBeWhole) {
      await this.readAll();
      return;
    }
    const unknown = Array.from(items)
      .slice(0, SINGLE_PLACES)
      .filter((item) => this.has(item) && !this.of(item));
    await Promise.all(
      unknown.map(async (item) => {
        const place = await this.data.placeOfRow(item);
        if (place) this.single.set(item, place);
      }),
    );
    for (const oldest of this.single.keys()) {
      if (this.single.size <= MAX_KNOWN) break;
      this.single.delete(oldest);
    }
  }

  of(item: number): Place | undefined {
    return this.whole.of(item) ?? this.single.get(item) ?? this.tiles.placeOf(item);
  }

  async cellOf(item: number, level: number): Promise<Place | undefined> {
    await this.read([item]);
    const place = this.of(item);
    if (!place) return undefined;
    const { extent } = this.data.map;
    const { column, row } = cellAt(extent, level, place.x, place.y);
    return cellCenter(extent, level, column, row);
  }

  async sharing(item: number, level: number): Promise<number[]> {
    return this.canBeWhole ? this.whole.sharing(item, level) : [item];
  }

  /** By the cells of the collage, which say for how many items each stands. */
  async levelAlone(item: number, deepest: number): Promise<number> {
    await this.read([item]);
    const place = this.of(item);
    for (let level = 1; place && level < deepest; level++) {
      const { column, row } = cellAt(this.data.map.extent, level, place.x, place.y);
      const id = { z: level, tx: Math.floor(column / CELLS_PER_TILE), ty: Math.floor(row / CELLS_PER_TILE) };
      const cells = await this.data.tileCells(id);
      if (cells.some((cell) => cell.column === column && cell.row === row && cell.count === 1)) return level;
    }
    return deepest;
  }

  async zoomTo(item: number): Promise<number> {
    return ((await this.data.directory()).ofRow(item)?.z ?? 0) + 1;
  }

  has(item: number): boolean {
    return item < this.data.map.nItems;
  }

  keeps(item: number, mask: Uint8Array): boolean {
    return mask[item] === 1;
  }

  sieve(mask: Uint8Array): KeptCells | null {
    return this.whole.sieve(mask);
  }

  near(projection: Projection, point: Place, reachPx: number): Promise<number | null> {
    const { x, y } = projection.toLayout(point);
    return Promise.resolve(this.tiles.nearest(x, y, reachPx / projection.pxPerUnit));
  }

  nearestShared(): null {
    return null;
  }

  nearestTo({ x, y }: Place): Promise<number | null> {
    return Promise.resolve(this.tiles.nearestAnywhere(x, y));
  }

  async around(item: number, k: number): Promise<number[]> {
    return this.canBeWhole ? this.whole.around(item, k) : [];
  }

  async standings(item: number, others: readonly number[]): Promise<(Standing | null)[]> {
    return this.canBeWhole ? this.whole.standings(item, others) : others.map(() => null);
  }

  areOnScreen(projection: Projection, marginPx: number): boolean {
    return this.tiles.areOnScreen(projection, marginPx);
  }

  /** By the tiles that the screen shows whole, and the places in those that it shows in part. */
  async areSeen(mask: Uint8Array, part: SeenPart): Promise<boolean> {
    const { extent } = this.data.map;
    const { x0, y0, x1, y1 } = part.box;
    const corners = [
      { x: x0, y: y0 },
      { x: x1, y: y0 },
      { x: x1, y: y1 },
      { x: x0, y: y1 },
    ];
    const { whole, partly } = tilesInside(await this.data.directory(), extent, corners);
    const touched = [...whole, ...partly].filter(({ start, n }) => mask.subarray(start, start + n).includes(1));
    if (touched.some((tile) => part.hasAll(tileSquare(extent, tile)))) return true;
    if (touched.length > MOST_LOOKED_THROUGH) return true;
    const found = await Promise.all(
      touched.map(async (tile) => {
        const places = await this.data.tilePlaces(tile);
        const square = tileSquare(extent, tile);
        for (let row = 0; row < tile.n; row++) {
          if (mask[tile.start + row] === 0) continue;
          const { x, y } = placeIn(square, places[2 * row]!, places[2 * row + 1]!);
          if (part.has(x, y)) return true;
        }
        return false;
      }),
    );
    return found.includes(true);
  }

  async boundsOf(mask: Uint8Array): Promise<Bounds | null> {
    const rows = evenly(mask, SAMPLE_ROWS);
    await this.read(rows);
    return boundsAround(rows.flatMap((row) => this.of(row) ?? []));
  }

  trustOf(item: number): Promise<{ false: number; missing: number } | null> {
    return this.data.trustOfRow(item);
  }

  private get canBeWhole(): boolean {
    return this.data.map.nItems <= WHOLE_ITEMS;
  }
}

/** At most so many of the marked rows, the first and the last among them, as far from each other as can be. */
function evenly(mask: Uint8Array, most: number): number[] {
  let n = 0;
  for (const one of mask) n += one;
  const rows: number[] = [];
  for (let row = 0, seen = 0; row < mask.length; row++) {
    if (mask[row] === 0) continue;
    const wanted = n <= most ? seen : Math.round((rows.length * (n - 1)) / (most - 1));
    if (seen === wanted) rows.push(row);
    seen++;
  }
  return rows;
}
