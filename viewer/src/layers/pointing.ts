import { CELLS_PER_TILE } from "../bundle/cells";
import type { MapLabel } from "../bundle/model";
import { cellAt, type PointPx, type Projection } from "../state/camera";
import { Approach } from "./approach";
import type { Keys } from "./gestures";
import type { ItemsLayer } from "./items";
import type { LabelsLayer } from "./labels";
import type { Sight } from "./sight";
import type { Hit } from "./wishes";

const HOVER_REACH_PX = 14;
/** Levels by which one must go on zooming at the limit before an item's map opens, or this one is left. */
const PUSH_IN = 0.5;
const PUSH_OUT = 2;
const PUSH_FORGOTTEN_MS = 700;
const NEAR_LIMIT = 0.15;

export interface PointingEvents {
  onHover(hit: Hit | null, point: PointPx | null): void;
  onChoose(hit: Hit | null): void;
  /** The map of an item is to be opened. */
  onEnter(item: number): void;
  /** The map was zoomed out of. */
  onLeave(): void;
  /** An item, all items of a cell, or those of a region are to change sides. */
  onTurn(what: Hit | { level: number; region: number }): void;
  /** Empty ground was clicked twice. */
  onEmptyTwice(): void;
  /** A region's name was chosen. */
  onRegion(label: MapLabel): void;
}

/** Tells what is pointed at, clicked, clicked twice or zoomed into. */
export class Pointing {
  private hoverTurn = 0;
  private pushed = { levels: 0, atMs: 0 };
  private readonly approach: Approach;

  constructor(
    private readonly sight: Sight,
    private readonly items: ItemsLayer,
    private readonly labels: LabelsLayer,
    private readonly events: PointingEvents,
  ) {
    this.approach = new Approach(sight, items, (point) => this.hitAt(point), events.onEnter);
  }

  async hover(point: PointPx | null, target: Element | null): Promise<void> {
    const turn = ++this.hoverTurn;
    const isOverLabel = target ? this.labels.labelOf(target) !== undefined : false;
    const hit = point && !isOverLabel ? await this.hitAt(point) : null;
    const isOvertaken = turn !== this.hoverTurn;
    if (!this.sight.isEnded && !isOvertaken) this.events.onHover(hit, point);
  }

  async tap(point: PointPx, target: Element, { shift, control }: Keys): Promise<void> {
    const label = this.labels.labelOf(target);
    const turns = shift || control;
    if (label) {
      if (turns) this.events.onTurn(label);
      else this.events.onRegion(label);
      return;
    }
    const hit = await this.hitAt(point);
    if (this.sight.isEnded) return;
    if (!turns) this.events.onChoose(hit);
    else if (hit) this.events.onTurn(hit);
  }

  /** Opens the map of the item there, or zooms in where it has none; beside all items, a selection goes. */
  async doubleTap(point: PointPx): Promise<void> {
    const { data, wishes } = this.sight;
    const { opens } = data.map;
    const hit = opens.size > 0 || wishes.picked !== null ? await this.hitAt(point) : null;
    if (this.sight.isEnded) return;
    if (!hit && this.sight.wishes.picked) this.events.onEmptyTwice();
    else if (hit && opens.has(hit.item)) this.events.onEnter(hit.item);
    else this.zoomBy(1, point);
  }

  /** Zooms around a place on the screen, or what is chosen or in the middle; in to an item's own map, or out of this one. */
  zoomBy(levels: number, point: PointPx | null): void {
    const beyond = this.approach.zoomBy(levels, point);
    if (beyond !== 0) this.pushBeyond(beyond, point ?? this.approach.anchor ?? this.sight.navigator.middle);
    this.sight.refresh();
  }

  /** Zooms at once with two fingers, around a place between them. */
  pinchBy(levels: number, point: PointPx): void {
    const beyond = this.approach.pinchBy(levels, point);
    if (beyond !== 0) this.pushBeyond(beyond, point);
  }

  /** Opens the map of an item that zooming has made large enough. */
  arrive(): void {
    this.approach.arrive();
  }

  private pushBeyond(levels: number, point: PointPx): void {
    const { pushed } = this;
    const { camera, minZoom, maxZoom } = this.sight.navigator;
    const now = performance.now();
    const goesOn = now - pushed.atMs < PUSH_FORGOTTEN_MS && Math.sign(levels) === Math.sign(pushed.levels);
    this.pushed = { levels: (goesOn ? pushed.levels : 0) + levels, atMs: now };
    if (this.pushed.levels > PUSH_IN && camera.zoom > maxZoom - NEAR_LIMIT) void this.enterAt(point);
    else if (this.pushed.levels < -PUSH_OUT && camera.zoom < minZoom + NEAR_LIMIT) {
      this.pushed = { levels: 0, atMs: 0 };
      this.events.onLeave();
    }
  }

  private async enterAt(point: PointPx): Promise<void> {
    const { opens } = this.sight.data.map;
    this.pushed = { levels: 0, atMs: 0 };
    const hit = opens.size > 0 ? await this.hitAt(point) : null;
    if (hit && !this.sight.isEnded && opens.has(hit.item)) this.events.onEnter(hit.item);
  }

  private async hitAt(point: PointPx): Promise<Hit | null> {
    const { navigator, wishes, places, deepestLevel, collage } = this.sight;
    const { projection } = navigator;
    try {
      const onPoints = wishes.layers.points ? await places.near(projection, point, HOVER_REACH_PX, wishes.kept) : null;
      if (onPoints !== null) return { item: onPoints, cell: null, level: deepestLevel };
      return collage ? await this.cellUnder(projection, point) : null;
    } catch (error) {
      this.sight.fail(error);
      return null;
    }
  }

  private async cellUnder(projection: Projection, point: PointPx): Promise<Hit | null> {
    const { data, level } = this.sight;
    const { extent } = data.map;
    const { x, y } = projection.toLayout(point);
    if (x < extent.x0 || y < extent.y0 || x >= extent.x0 + extent.size || y >= extent.y0 + extent.size) return null;
    if (this.items.isDrawing) {
      const leaf = this.items.hit(point);
      return leaf && { item: leaf.cell.item, cell: leaf.cell, level: leaf.level };
    }
    const { column, row } = cellAt(extent, level, x, y);
    const id = { z: level, tx: Math.floor(column / CELLS_PER_TILE), ty: Math.floor(row / CELLS_PER_TILE) };
    const cells = await data.tileCells(id);
    const cell = cells.find((one) => one.column === column && one.row === row);
    return cell ? { item: cell.item, cell, level } : null;
  }
}
