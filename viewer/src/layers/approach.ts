import { CELL_PX } from "../bundle/cells";
import { cellAt, type PointPx } from "../state/camera";
import type { ItemsLayer } from "./items";
import type { Place } from "./places";
import type { Sight } from "./sight";
import type { Hit } from "./wishes";

/** A pointer that moves no farther than this still means the same item. */
const SAME_PLACE_PX = 40;
/** How far an item may be drawn from where one zooms: as far as from the middle of its cell to that of a neighbor's. */
const REACH_PX = 130;
/** From which share of the screen's smaller side on an item is large enough to become its map. */
const ENTERED_SHARE = 0.4;
/** By how much one zooms at least before a map opens, however large its item was, and how far from the limit of zooming it does. */
const LEAST_LEVELS = 0.4;
const BEFORE_LIMIT = 0.6;
const STILL_ZOOMING_MS = 900;
/** Fingers tremble: only what goes back by more than this zooms out. */
const TREMBLING_LEVELS = 0.12;

/** The item that one zooms into. */
interface Aim {
  item: number;
  /** Where one zooms. */
  at: PointPx;
  place: Place;
  /** The coarsest level at which it is alone in its cell. */
  level: number;
  fromZoom: number;
  zoomedMs: number;
  /** Whether its map is being opened: until that is there, it stays large. */
  isEntered: boolean;
}

/**
 * Zooms into items that open a map of their own: what was under the pointer when zooming began stays there, though it is
 * drawn in another cell at every level, grows, and becomes its map once it fills a good part of the screen.
 */
export class Approach {
  private aim: Aim | null = null;
  private turn = 0;
  /** Where an item is being looked for. */
  private sought: PointPx | null = null;
  /** By how many levels fingers have gone back since they last zoomed in. */
  private wentBack = 0;

  constructor(
    private readonly sight: Sight,
    private readonly items: ItemsLayer,
    private readonly hitAt: (point: PointPx) => Promise<Hit | null>,
    private readonly onEnter: (item: number) => void,
  ) {}

  /** Zooms around a place on the screen; by keys around the chosen item where it opens a map, or the middle. Returns the levels beyond limits. */
  zoomBy(levels: number, point: PointPx | null): number {
    const { navigator } = this.sight;
    const chosen = point ? null : this.chosen();
    const anchor = point ?? chosen?.at ?? navigator.middle;
    if (levels <= 0) this.end();
    else this.aimAt(anchor, chosen?.item ?? null, point === null);
    return navigator.zoomBy(levels, anchor, this.held);
  }

  /** Zooms at once, with fingers that hold a place of the screen. Returns the levels beyond limits. */
  pinchBy(levels: number, point: PointPx): number {
    const { navigator } = this.sight;
    this.wentBack = levels > 0 ? 0 : this.wentBack - levels;
    if (this.wentBack > TREMBLING_LEVELS) this.end();
    else if (levels > 0) {
      this.aimAt(point, null, false);
      if (this.aim) this.aim.at = point;
    }
    return navigator.zoomAround(point, navigator.camera.zoom + levels, this.held());
  }

  /** Where one zooms into an item, or null. */
  get anchor(): PointPx | null {
    return this.aim?.at ?? null;
  }

  private aimAt(at: PointPx, chosen: number | null, isByKeys: boolean): void {
    if (this.isAimedAt(at)) this.aim!.zoomedMs = performance.now();
    else if (!this.sought || distance(this.sought, at) > SAME_PLACE_PX) void this.begin(at, chosen, isByKeys);
  }

  /** Opens the map of the item that has grown large enough. */
  arrive(): void {
    const { aim } = this;
    if (!aim || aim.isEntered || performance.now() - aim.zoomedMs > STILL_ZOOMING_MS || !this.isAimedAt(aim.at)) return;
    const { camera, viewport, maxZoom } = this.sight.navigator;
    const largePx = ENTERED_SHARE * Math.min(viewport.widthPx, viewport.heightPx);
    const large = Math.min(aim.level + Math.log2(largePx / CELL_PX), maxZoom - BEFORE_LIMIT);
    if (camera.zoom < Math.min(maxZoom - 0.01, Math.max(large, aim.fromZoom + LEAST_LEVELS))) return;
    aim.isEntered = true;
    this.onEnter(aim.item);
  }

  /** Where the item is drawn that stays under the pointer. */
  private readonly held = (): Place | null => this.aim && (this.items.placeOf(this.aim.item) ?? this.aim.place);

  private end(): void {
    this.turn++;
    this.aim = this.items.grown = this.sought = null;
  }

  private async begin(at: PointPx, chosen: number | null, isByKeys: boolean): Promise<void> {
    const { data, places, deepestLevel, collage, navigator } = this.sight;
    this.end();
    if (!collage || data.map.opens.size === 0) return;
    const { turn } = this;
    const fromZoom = navigator.camera.zoom;
    this.sought = at;
    try {
      const item = chosen ?? (await this.itemAt(at, isByKeys));
      if (item === null || !data.map.opens.has(item)) return;
      await places.read([item]);
      const level = await places.levelAlone(item, deepestLevel);
      const place = places.of(item);
      if (turn !== this.turn || this.sight.isEnded || !place) return;
      this.aim = { item, at, place, level, fromZoom, zoomedMs: performance.now(), isEntered: false };
      this.items.grown = { item, level, ...place };
      this.sight.refresh();
    } catch (error) {
      this.sight.fail(error);
    } finally {
      if (turn === this.turn) this.sought = null;
    }
  }

  /** The item at a place on the screen: one in the cell there that opens a map, since its frame is drawn; by keys the nearest. */
  private async itemAt(at: PointPx, isByKeys: boolean): Promise<number | null> {
    const { data, places, navigator } = this.sight;
    const { extent, opens } = data.map;
    const { projection } = navigator;
    const openable = [...opens.keys()];
    const [hit] = await Promise.all([this.hitAt(at), places.read(openable)]);
    if (hit && (opens.has(hit.item) || !hit.cell)) return hit.item;
    const away = (item: number) => {
      const place = places.of(item);
      if (!place) return Number.POSITIVE_INFINITY;
      const own = hit?.cell && cellAt(extent, hit.level, place.x, place.y);
      if (own && (own.column !== hit.cell!.column || own.row !== hit.cell!.row)) return Number.POSITIVE_INFINITY;
      return distance(projection.toScreen(place.x, place.y), at);
    };
    const [nearest] = openable.sort((a, b) => away(a) - away(b));
    return nearest !== undefined && away(nearest) < (hit || isByKeys ? REACH_PX : 0) ? nearest : null;
  }

  /** The chosen item, where it opens a map and is seen. */
  private chosen(): { item: number; at: PointPx } | null {
    const { wishes, data, navigator } = this.sight;
    const item = wishes.selected;
    if (item === null || !data.map.opens.has(item)) return null;
    if (this.aim?.item === item && this.isAimedAt(this.aim.at)) return this.aim;
    const at = this.screenOf(item);
    const { widthPx, heightPx } = navigator.viewport;
    const { leftPx, rightPx, bottomPx } = wishes.covered;
    const isSeen = at && at.x > leftPx && at.x < widthPx - rightPx && at.y > 0 && at.y < heightPx - bottomPx;
    return isSeen ? { item, at } : null;
  }

  private screenOf(item: number): PointPx | undefined {
    const place = this.items.placeOf(item) ?? this.sight.places.of(item);
    return place && this.sight.navigator.projection.toScreen(place.x, place.y);
  }

  private isAimedAt(point: PointPx): boolean {
    const { aim } = this;
    const drawn = aim && this.screenOf(aim.item);
    return !!drawn && distance(aim.at, point) < SAME_PLACE_PX && distance(drawn, point) < REACH_PX;
  }
}

function distance(a: PointPx, b: PointPx): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
