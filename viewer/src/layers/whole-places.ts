import { NO_ROW, type Positions } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import { type Bounds, cellAt, cellCenter, type Projection } from "../state/camera";
import { boundsAround } from "../state/fitting";
import { KeptCells } from "./kept-cells";
import { isAnyIn, NearestPoint, nearestOnMap, type Standing, standingsOf } from "./nearest";
import type { Place, Places } from "./places";
import type { SeenPart } from "./seen-part";

/** The places of all items of a map, read when the first is needed. */
export class WholePlaces implements Places {
  private positions: Positions | null = null;
  private nearest: NearestPoint | null = null;
  /** Rows of items that another map shows too. */
  private shared: { other: Places; mask: Uint8Array } | null = null;

  constructor(private readonly data: MapData) {}

  get areKnown(): boolean {
    return this.positions !== null;
  }

  async readAll(): Promise<void> {
    await this.positionsOfAll();
  }

  know(): boolean {
    return this.areKnown;
  }

  read(): Promise<void> {
    return this.readAll();
  }

  of(item: number): Place | undefined {
    const row = this.rowOf(item);
    if (!this.positions || row === NO_ROW) return undefined;
    return { x: this.positions.xy[row * 2]!, y: this.positions.xy[row * 2 + 1]! };
  }

  async cellOf(item: number, level: number): Promise<Place | undefined> {
    await this.readAll();
    const place = this.of(item);
    if (!place) return undefined;
    const { extent } = this.data.map;
    const { column, row } = cellAt(extent, level, place.x, place.y);
    return cellCenter(extent, level, column, row);
  }

  async sharing(item: number, level: number): Promise<number[]> {
    const { xy, item: items } = await this.positionsOfAll();
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

  async levelAlone(item: number, deepest: number): Promise<number> {
    for (let level = 1; level < deepest; level++) {
      if ((await this.sharing(item, level)).length === 1) return level;
    }
    return deepest;
  }

  async zoomTo(): Promise<number> {
    return 0;
  }

  has(item: number): boolean {
    return !this.positions || this.rowOf(item) !== NO_ROW;
  }

  keeps(item: number, mask: Uint8Array): boolean {
    const row = this.rowOf(item);
    return row !== NO_ROW && mask[row] !== 0;
  }

  sieve(mask: Uint8Array): KeptCells | null {
    return this.positions && new KeptCells(this.positions, this.data.map.extent, mask);
  }

  async near(projection: Projection, point: Place, reachPx: number, mask: Uint8Array | null): Promise<number | null> {
    const { x, y } = projection.toLayout(point);
    return this.itemOf((await this.sorted()).find(x, y, reachPx / projection.pxPerUnit, mask));
  }

  async nearestTo({ x, y }: Place): Promise<number | null> {
    return this.itemOf((await this.sorted()).findAnywhere(x, y));
  }

  nearestShared({ x, y }: Place, other: Places): number | null {
    const { positions } = this;
    if (!positions || !other.areKnown) return null;
    if (this.shared?.other !== other) {
      const mask = Uint8Array.from(positions.item, (item) => Number(other.of(item) !== undefined));
      this.shared = { other, mask };
    }
    this.nearest ??= new NearestPoint(positions.xy, this.data.map.extent);
    return this.itemOf(this.nearest.findAnywhere(x, y, this.shared.mask));
  }

  async around(item: number, k: number): Promise<number[]> {
    const positions = await this.positionsOfAll();
    const row = this.rowOf(item);
    return row === NO_ROW ? [] : nearestOnMap(positions, row, k);
  }

  async standings(item: number, others: readonly number[]): Promise<(Standing | null)[]> {
    const positions = await this.positionsOfAll();
    const row = this.rowOf(item);
    if (row === NO_ROW) return others.map(() => null);
    const shown = others.filter((one) => this.rowOf(one) !== NO_ROW);
    const found = standingsOf(
      positions,
      row,
      shown.map((one) => this.rowOf(one)),
    );
    return others.map((one) => found[shown.indexOf(one)] ?? null);
  }

  areOnScreen(projection: Projection, marginPx: number): boolean {
    if (!this.positions) return true;
    const { widthPx, heightPx } = projection.viewport;
    const low = projection.toLayout({ x: -marginPx, y: -marginPx });
    return isAnyIn(this.positions, low, projection.toLayout({ x: widthPx + marginPx, y: heightPx + marginPx }));
  }

  async areSeen(mask: Uint8Array, part: SeenPart): Promise<boolean> {
    const { xy } = await this.positionsOfAll();
    for (let row = 0; row < mask.length; row++) if (mask[row] === 1 && part.has(xy[2 * row]!, xy[2 * row + 1]!)) return true;
    return false;
  }

  async boundsOf(mask: Uint8Array): Promise<Bounds | null> {
    const { xy } = await this.positionsOfAll();
    return boundsAround(placesOfRows(xy, mask));
  }

  async trustOf(item: number): Promise<{ false: number; missing: number } | null> {
    if (!this.data.map.fidelity) return null;
    const [, wrong, missing] = await Promise.all([this.readAll(), this.data.trust("false"), this.data.trust("missing")]);
    const row = this.rowOf(item);
    return row === NO_ROW ? null : { false: wrong[row]! / 255, missing: missing[row]! / 255 };
  }

  /** Where all items lie, by rows. */
  async positionsOfAll(): Promise<Positions> {
    this.positions ??= await this.data.positions();
    return this.positions;
  }

  private rowOf(item: number): number {
    return this.positions?.rowOf[item] ?? NO_ROW;
  }

  private itemOf(found: { index: number } | null): number | null {
    return found && this.positions!.item[found.index]!;
  }

  private async sorted(): Promise<NearestPoint> {
    const { xy } = await this.positionsOfAll();
    this.nearest ??= new NearestPoint(xy, this.data.map.extent);
    return this.nearest;
  }
}

function* placesOfRows(xy: Float32Array, mask: Uint8Array): Iterable<Place> {
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) yield { x: xy[2 * row]!, y: xy[2 * row + 1]! };
}
