import { NO_ROW, type Positions } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import { cellAt, cellCenter, type Projection } from "../state/camera";
import { NearestPoint } from "./nearest";

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

  /** The item whose point is nearest to a place on the screen, within reach. */
  async near(projection: Projection, point: Place, reachPx: number): Promise<number | null> {
    const positions = await this.read();
    this.nearest ??= new NearestPoint(positions, this.data.map.extent);
    const { x, y } = projection.toLayout(point);
    return this.nearest.find(x, y, reachPx / projection.pxPerUnit);
  }

  /** Share of false and of missing neighbors of an item, or null if this map does not show it. */
  async trustOf(item: number): Promise<{ false: number; missing: number } | null> {
    const [positions, wrong, missing] = await Promise.all([this.read(), this.data.trust("false"), this.data.trust("missing")]);
    const row = positions.rowOf[item] ?? NO_ROW;
    return row === NO_ROW ? null : { false: wrong[row]! / 255, missing: missing[row]! / 255 };
  }
}
