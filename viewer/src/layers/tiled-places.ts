import type { MapData } from "../bundle/map-data";
import type { Projection } from "../state/camera";
import type { KeptCells } from "./kept-cells";
import type { Standing } from "./nearest";
import type { Place, Places } from "./places";
import type { TiledPoints } from "./tiled-points";
import { WholePlaces } from "./whole-places";

/** Up to so many items, all places may be read where only they can tell: 8 MB. */
const WHOLE_ITEMS = 2_000_000;
/** So many places are read one by one; for more, where a map is not too large, all. */
const SINGLE_PLACES = 200;
const MAX_KNOWN = 20_000;

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

  cellOf(item: number, level: number): Promise<Place | undefined> {
    return this.whole.cellOf(item, level);
  }

  async sharing(item: number, level: number): Promise<number[]> {
    return this.canBeWhole ? this.whole.sharing(item, level) : [item];
  }

  levelAlone(item: number, deepest: number): Promise<number> {
    return this.whole.levelAlone(item, deepest);
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

  trustOf(item: number): Promise<{ false: number; missing: number } | null> {
    return this.data.trustOfRow(item);
  }

  private get canBeWhole(): boolean {
    return this.data.map.nItems <= WHOLE_ITEMS;
  }
}
