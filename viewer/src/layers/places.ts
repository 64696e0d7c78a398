import { NO_ROW, type Positions } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import { cellAt, cellCenter, type Projection } from "../state/camera";
import { KeptCells } from "./kept-cells";
import { isAnyIn, NearestPoint, nearestOnMap, type Standing, standingsOf } from "./nearest";

export interface Place {
  x: number;
  y: number;
}

/** Where the items lie, read when it is first needed. */
export class Places {
  private positions: Positions | null = null;
  private nearest: NearestPoint | null = null;

  constructor(private readonly data: MapData) {}

  get areKnown(): boolean {
    return this.positions !== null;
  }

  async read(): Promise<Positions> {
    this.positions ??= await this.data.positions();
    return this.positions;
  }

  /** An item's place in the layout; undefined while places are unknown, or if this map does not show the item. */
  of(item: number): Place | undefined {
    const row = this.positions?.rowOf[item] ?? NO_ROW;
    if (!this.positions || row === NO_ROW) return undefined;
    return { x: this.positions.xy[row * 2]!, y: this.positions.xy[row * 2 + 1]! };
  }

  /** The middle of the cell of a level in which an item lies. */
  async cellOf(item: number, level: number): Promise<Place | undefined> {
    await this.read();
    const place = this.of(item);
    if (!place) return undefined;
    const { extent } = this.data.map;
    const { column, row } = cellAt(extent, level, place.x, place.y);
    return cellCenter(extent, level, column, row);
  }

  /** Items that lie in the same cell of a level as this one, itself included. */
  async sharing(item: number, level: number): Promise<number[]> {
    const { xy, item: items } = await this.read();
    const place = this.of(item);
    if (!place) return [item];
    const { extent } = this.data.map;
    const own = cellAt(extent, level, place.x, place.y);
    const sharing: number[] = [];
    for (let row = 0; row < items.length; row++) {
      const cell = cellAt(extent, level, xy[row * 2]!, xy[row * 2 + 1]!);
      if (cell.column === own.column && cell.row === own.row) sharing.push(items[row]!);
    }
    return sharing;
  }

  /** The coarsest level at which an item is alone in its cell, or the deepest. */
  async levelAlone(item: number, deepest: number): Promise<number> {
    for (let level = 1; level < deepest; level++) {
      if ((await this.sharing(item, level)).length === 1) return level;
    }
    return deepest;
  }

  /** Whether this map shows an item; true while places are unknown. */
  has(item: number): boolean {
    return !this.positions || this.positions.rowOf[item] !== NO_ROW;
  }

  /** What some rows are of the cells; null while places are unknown. */
  sieve(mask: Uint8Array): KeptCells | null {
    return this.positions && new KeptCells(this.positions, this.data.map.extent, mask);
  }

  /** The item whose point is nearest to a place on the screen, within reach; only kept rows where a mask is given. */
  async near(projection: Projection, point: Place, reachPx: number, mask: Uint8Array | null): Promise<number | null> {
    const { x, y } = projection.toLayout(point);
    return (await this.sorted()).find(x, y, reachPx / projection.pxPerUnit, mask);
  }

  /** The item whose point is nearest to a place of the layout, however far it is. */
  async nearestTo({ x, y }: Place): Promise<number | null> {
    return (await this.sorted()).findAnywhere(x, y);
  }

  /** The k items nearest to an item on the map, near to far; none if this map does not show it. */
  async around(item: number, k: number): Promise<number[]> {
    const positions = await this.read();
    const row = positions.rowOf[item] ?? NO_ROW;
    return row === NO_ROW ? [] : nearestOnMap(positions, row, k);
  }

  /** How far some items are from one on the map; null for those that it does not show. */
  async standings(item: number, others: readonly number[]): Promise<(Standing | null)[]> {
    const positions = await this.read();
    const rowOf = (one: number) => positions.rowOf[one] ?? NO_ROW;
    if (rowOf(item) === NO_ROW) return others.map(() => null);
    const shown = others.filter((one) => rowOf(one) !== NO_ROW);
    const found = standingsOf(positions, rowOf(item), shown.map(rowOf));
    return others.map((one) => found[shown.indexOf(one)] ?? null);
  }

  /** Whether the screen shows the place of any item; true while places are unknown. */
  areOnScreen(projection: Projection, marginPx: number): boolean {
    if (!this.positions) return true;
    const { widthPx, heightPx } = projection.viewport;
    const low = projection.toLayout({ x: -marginPx, y: -marginPx });
    return isAnyIn(this.positions, low, projection.toLayout({ x: widthPx + marginPx, y: heightPx + marginPx }));
  }

  /** Share of false and of missing neighbors of an item, or null if this map does not show it. */
  async trustOf(item: number): Promise<{ false: number; missing: number } | null> {
    const [positions, wrong, missing] = await Promise.all([this.read(), this.data.trust("false"), this.data.trust("missing")]);
    const row = positions.rowOf[item] ?? NO_ROW;
    return row === NO_ROW ? null : { false: wrong[row]! / 255, missing: missing[row]! / 255 };
  }

  private async sorted(): Promise<NearestPoint> {
    const positions = await this.read();
    this.nearest ??= new NearestPoint(positions, this.data.map.extent);
    return this.nearest;
  }
}
