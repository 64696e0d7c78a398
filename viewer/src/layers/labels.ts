import type { Extent, MapLabel } from "../bundle/model";
import type { PointPx, Projection } from "../state/camera";
import type { NameBox } from "../state/fitting";
import type { RegionId } from "../state/hash";
import { boxAround, freePlace, overlap } from "../state/name-places";
import { type NameRange, nameRanges } from "../state/name-ranges";
import { NARROW_PX } from "../state/panels.svelte";
import type { Room } from "./items";
import type { RectPx } from "./rect";

const MARGIN_PX = 120;
const TAG_PADDING_PX = 12;
/** What the boxes of names hold above and below the letters. */
const LOOSE_PX = 4;
const SMALLEST_PX = 10.5;
/** The room that is kept free between names that were put elsewhere. */
const GAP_PX = 6;
/** How far a name may go to hide nothing, as a multiple of the smallest cells' width. */
const REACH_CELLS = 2.2;
/** A name for which there was no place is given another try so many levels on. */
const RETRY_LEVELS = 0.25;
const FADE_MS = 180;

/** Where a name was put, in layout units, and for which pictures; no place where none was free. */
interface Moved {
  key: string;
  zoom: number;
  place: PointPx | null;
}

/**
 * Names on the map as page elements: crisp, selectable by Tab, readable by screen readers.
 *
 * Which shows at which zoom is settled once for all (`name-ranges`). Where single items are drawn, a name goes to where it hides
 * none of them, or where there is no such place, small ones only; it stays there as long as they stay where they are.
 */
export class LabelsLayer {
  private readonly elements = new Map<number, HTMLButtonElement>();
  private labels: readonly MapLabel[] = [];
  private ranges: readonly NameRange[] = [];
  private first: ReadonlySet<string> = new Set();
  private readonly moved = new Map<number, Moved>();
  /** Whether the filters leave nothing of what a name stands for. */
  isGone: (label: MapLabel) => boolean = () => false;
  /** A name hides what lies under it, so it takes less room than was kept for it; small screens get smaller type still. */
  private readonly typeScale: number;

  constructor(
    private readonly parent: HTMLElement,
    private readonly map: { extent: Extent; nItems: number },
    private readonly onChoose: (label: MapLabel) => void,
  ) {
    this.typeScale = parent.clientWidth <= NARROW_PX ? 0.66 : 0.78;
  }

  set(labels: readonly MapLabel[]): void {
    this.clear();
    this.labels = labels;
    this.ranges = this.ranged();
  }

  /** Names some regions before all others. */
  nameFirst(regions: readonly RegionId[]): void {
    const ids = new Set(regions.map(({ level, region }) => `${level}.${region}`));
    if (ids.size === this.first.size && [...ids].every((id) => this.first.has(id))) return;
    this.first = ids;
    this.ranges = this.ranged();
  }

  /** The names that show at a zoom, as large as they are drawn. */
  boxesAt(zoom: number): NameBox[] {
    const shown = this.ranges.filter(({ from, until }) => zoom >= from && zoom < until);
    return shown.map(({ index }) => {
      const label = this.labels[index]!;
      return { x: label.x, y: label.y, ...this.sizeOf(label) };
    });
  }

  /** The deepest of some nested regions, coarsest first, whose name shows at a zoom, or did before the parts were named; null for none. */
  deepestNamed(path: readonly RegionId[], zoom: number): RegionId | null {
    return path.findLast((id) => (this.rangeOf(id)?.from ?? Number.POSITIVE_INFINITY) <= zoom) ?? null;
  }

  /** The zoom from which half of those of some regions that are ever named are; null where none are. */
  halfNamedFrom(ids: readonly RegionId[]): number | null {
    const froms = ids.flatMap((id) => this.rangeOf(id)?.from ?? []).sort((a, b) => a - b);
    return froms[(froms.length - 1) >> 1] ?? null;
  }

  /** Places the names that show at this zoom, in the room between pictures; `undefined` while it is not known where these will be. */
  paint(projection: Projection, room: Room | null | undefined): void {
    if (room === null) this.moved.clear();
    const shown = this.showing(projection, room);
    for (const [index, element] of this.elements) {
      if (shown.has(index)) continue;
      element.remove();
      this.elements.delete(index);
    }
    for (const [index, at] of shown) {
      const element = this.elements.get(index) ?? this.create(index);
      element.classList.toggle("is-gone", this.isGone(this.labels[index]!));
      element.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px) translate(-50%, -50%)`;
      // A name that hangs over the edge would be scrolled into the screen if it had the focus, and take all others with it.
      element.tabIndex = isWithin(projection, this.boxOf(index, at)) ? 0 : -1;
    }
  }

  clear(): void {
    for (const element of this.elements.values()) element.remove();
    this.elements.clear();
    this.moved.clear();
  }

  private rangeOf({ level, region }: RegionId): NameRange | undefined {
    return this.ranges.find(({ index }) => this.labels[index]!.level === level && this.labels[index]!.region === region);
  }

  private ranged(): NameRange[] {
    const { extent, nItems } = this.map;
    const isFirst = ({ level, region }: MapLabel) => this.first.has(`${level}.${region}`);
    return nameRanges(this.labels, { size: extent.size, nItems, isFirst });
  }

  private showing(projection: Projection, room: Room | null | undefined): Map<number, PointPx> {
    const shown = new Map<number, PointPx>();
    const taken: RectPx[] = [];
    const { zoom } = projection.camera;
    const { widthPx, heightPx } = projection.viewport;
    for (const { index, from, until } of this.ranges) {
      if (zoom < from || zoom >= until) continue;
      const label = this.labels[index]!;
      const own = projection.toScreen(label.x, label.y);
      if (own.x < -MARGIN_PX || own.y < -MARGIN_PX || own.x > widthPx + MARGIN_PX || own.y > heightPx + MARGIN_PX) continue;
      const at = this.placed(projection, index, own, room, taken);
      if (!at) continue;
      shown.set(index, at);
      taken.push(this.boxOf(index, at));
    }
    return shown;
  }

  /** Where a name is put; null where it would hide too much. */
  private placed(
    projection: Projection,
    index: number,
    own: PointPx,
    room: Room | null | undefined,
    taken: readonly RectPx[],
  ): PointPx | null {
    const before = this.moved.get(index);
    const was = before?.place ? projection.toScreen(before.place.x, before.place.y) : null;
    if (!room) return before && room === undefined ? was : own;
    const isTaken = (at: PointPx) => taken.some((other) => overlap(grown(this.boxOf(index, at), GAP_PX), other));
    const isFree = (at: PointPx) => room.isFree(this.boxOf(index, at)) && !isTaken(at);
    const isFair = (at: PointPx) => !room.hidesLarge(this.boxOf(index, at)) && !isTaken(at);
    const { zoom } = projection.camera;
    if (before?.key === room.key) {
      if (was && isFair(was)) return was;
      if (!was && Math.abs(zoom - before.zoom) < RETRY_LEVELS) return null;
    }
    // What lies beside the screen is not known, so that a name waits for its own place to come into it.
    if (!isWithin(projection, boxAround(own, 0, 0))) return was && isFair(was) ? was : null;
    const isSeen = (at: PointPx) => isWithin(projection, this.boxOf(index, at));
    const free = freePlace(own, room.cellPx, room.lineY, REACH_CELLS * room.cellPx, (at) => isSeen(at) && isFree(at));
    const at = free ?? [onLine(own, room), own].find(isFair) ?? null;
    this.moved.set(index, { key: room.key, zoom, place: at && projection.toLayout(at) });
    if (was && at && Math.hypot(was.x - at.x, was.y - at.y) > 1) this.fade(index);
    return at;
  }

  private fade(index: number): void {
    this.elements.get(index)?.animate([{ opacity: 0 }, { opacity: 1 }], { duration: FADE_MS, easing: "ease-out" });
  }

  private fontPxOf({ fontPx }: MapLabel): number {
    return Math.max(SMALLEST_PX, fontPx * this.typeScale);
  }

  /** The size of a name as it is drawn. */
  private sizeOf(label: MapLabel): { widthPx: number; heightPx: number } {
    const scale = this.fontPxOf(label) / label.fontPx;
    return { widthPx: label.widthPx * scale + TAG_PADDING_PX, heightPx: label.heightPx * scale - LOOSE_PX };
  }

  private boxOf(index: number, at: PointPx): RectPx {
    const { widthPx, heightPx } = this.sizeOf(this.labels[index]!);
    return boxAround(at, widthPx, heightPx);
  }

  private create(index: number): HTMLButtonElement {
    const label = this.labels[index]!;
    const element = document.createElement("button");
    element.type = "button";
    element.className = `map-label level-${Math.min(label.level, 3)}`;
    element.textContent = label.text;
    element.style.fontSize = `${this.fontPxOf(label)}px`;
    element.dataset.label = String(index);
    element.setAttribute("aria-label", `Region ${label.text.replaceAll("\n", " ")}, ${label.nItems} items: fly there`);
    // A pointer's click is handled by the map, which tells it from a drag; what comes here without one is the keyboard.
    element.addEventListener("click", (event) => event.detail === 0 && this.onChoose(label));
    this.elements.set(index, element);
    this.parent.append(element);
    return element;
  }

  /** The label that a page element shows. */
  labelOf(element: Element): MapLabel | undefined {
    const index = element.closest<HTMLElement>(".map-label")?.dataset.label;
    return index === undefined ? undefined : this.labels[Number(index)];
  }
}

/** The place of a name on the nearest line between rows, where it hides the least of them. */
function onLine({ x, y }: PointPx, { cellPx, lineY }: Room): PointPx {
  return { x, y: lineY + Math.round((y - lineY) / cellPx) * cellPx };
}

function grown({ x, y, width, height }: RectPx, byPx: number): RectPx {
  return { x: x - byPx, y: y - byPx, width: width + 2 * byPx, height: height + 2 * byPx };
}

function isWithin({ viewport }: Projection, { x, y, width, height }: RectPx): boolean {
  return x > 0 && y > 0 && x + width < viewport.widthPx && y + height < viewport.heightPx;
}
