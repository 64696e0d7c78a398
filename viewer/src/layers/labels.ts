import type { MapLabel } from "../bundle/model";
import type { Projection } from "../state/camera";
import type { NameBox } from "../state/fitting";
import { NARROW_PX } from "../state/panels.svelte";
import type { RectPx } from "./rect";

const MARGIN_PX = 120;
const TAG_PADDING_PX = 12;
/** A name would hide most of a region of so few items, so it stands above their pictures where there is room. */
const FEW_ITEMS = 9;
const RISE_ROOM_PX = 40;

/**
 * Names on the map as page elements: crisp, selectable by Tab, readable by screen readers.
 *
 * Their places and zooms were settled when the atlas was built, so that none cover each other. Only on screens so small that
 * the whole map is narrower than at zoom 0 they are thinned out here.
 */
export class LabelsLayer {
  private readonly elements = new Map<number, HTMLButtonElement>();
  private labels: readonly MapLabel[] = [];
  /** Whether the filters leave nothing of what a name stands for. */
  isGone: (label: MapLabel) => boolean = () => false;
  /** Width of the pictures that the names stand over; 0 where there are none. */
  picturePx = 0;
  /** A name hides what lies under it, so it takes less room than was kept for it; small screens get smaller type still. */
  private readonly typeScale: number;

  constructor(
    private readonly parent: HTMLElement,
    private readonly onChoose: (label: MapLabel) => void,
  ) {
    this.typeScale = parent.clientWidth <= NARROW_PX ? 0.66 : 0.78;
  }

  set(labels: readonly MapLabel[]): void {
    this.clear();
    this.labels = labels;
  }

  /** The names that show at a zoom, as large as they are drawn. */
  boxesAt(zoom: number): NameBox[] {
    const shown = this.labels.filter(({ minZoom, maxZoom }) => Math.max(0, zoom) >= minZoom && Math.max(0, zoom) < maxZoom);
    return shown.map(({ x, y, widthPx, heightPx, nItems }) => ({
      x,
      y,
      widthPx: widthPx * this.typeScale + TAG_PADDING_PX,
      heightPx: heightPx * this.typeScale + (nItems > FEW_ITEMS ? 0 : 2 * RISE_ROOM_PX),
    }));
  }

  /** Places the names that show at this zoom, but for those that `isInTheWay`. */
  paint(projection: Projection, isInTheWay: (box: RectPx) => boolean): void {
    const shown = this.showing(projection, isInTheWay);
    for (const [index, element] of this.elements) {
      if (shown.has(index)) continue;
      element.remove();
      this.elements.delete(index);
    }
    for (const [index, { x, y }] of shown) {
      const element = this.elements.get(index) ?? this.create(index);
      element.classList.toggle("is-gone", this.isGone(this.labels[index]!));
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
      // A name that hangs over the edge would be scrolled into the screen if it had the focus, and take all others with it.
      element.tabIndex = this.isWithin(projection, this.labels[index]!, x, y) ? 0 : -1;
    }
  }

  private isWithin({ viewport }: Projection, label: MapLabel, x: number, y: number): boolean {
    const [acrossPx, downPx] = [(label.widthPx * this.typeScale + TAG_PADDING_PX) / 2, (label.heightPx * this.typeScale) / 2];
    return x > acrossPx && y > downPx && x < viewport.widthPx - acrossPx && y < viewport.heightPx - downPx;
  }

  clear(): void {
    for (const element of this.elements.values()) element.remove();
    this.elements.clear();
  }

  private showing(projection: Projection, isInTheWay: (box: RectPx) => boolean): Map<number, { x: number; y: number }> {
    const shown = new Map<number, { x: number; y: number }>();
    const zoom = Math.max(0, projection.camera.zoom);
    const { widthPx, heightPx } = projection.viewport;
    for (const [index, label] of this.labels.entries()) {
      if (zoom < label.minZoom || zoom >= label.maxZoom) continue;
      const at = projection.toScreen(label.x, label.y);
      if (at.x < -MARGIN_PX || at.y < -MARGIN_PX || at.x > widthPx + MARGIN_PX || at.y > heightPx + MARGIN_PX) continue;
      if (projection.camera.zoom < 0 && this.covers(shown, label, at)) continue;
      const { widthPx: width, heightPx: height } = label;
      if (isInTheWay({ x: at.x - width / 2, y: at.y - height / 2, width, height })) continue;
      shown.set(index, at);
    }
    this.raise(shown, isInTheWay);
    return shown;
  }

  /** Moves the names of small regions above their pictures, each where no other name and no large picture is in the way. */
  private raise(shown: Map<number, { x: number; y: number }>, isInTheWay: (box: RectPx) => boolean): void {
    for (const [index, at] of [...shown]) {
      const label = this.labels[index]!;
      if (label.nItems > FEW_ITEMS) continue;
      const raised = { x: at.x, y: at.y - this.risePx(label) };
      shown.delete(index);
      const { widthPx: width, heightPx: height } = label;
      const isTaken = isInTheWay({ x: raised.x - width / 2, y: raised.y - height / 2, width, height });
      shown.set(index, isTaken || this.covers(shown, label, raised) ? at : raised);
    }
  }

  private risePx(label: MapLabel): number {
    return (this.picturePx + label.heightPx * this.typeScale) / 2;
  }

  private covers(shown: ReadonlyMap<number, { x: number; y: number }>, label: MapLabel, at: { x: number; y: number }): boolean {
    for (const [index, other] of shown) {
      const { widthPx, heightPx } = this.labels[index]!;
      const overlapsX = Math.abs(other.x - at.x) < (widthPx + label.widthPx) / 2;
      if (overlapsX && Math.abs(other.y - at.y) < (heightPx + label.heightPx) / 2) return true;
    }
    return false;
  }

  private create(index: number): HTMLButtonElement {
    const label = this.labels[index]!;
    const element = document.createElement("button");
    element.type = "button";
    element.className = `map-label level-${Math.min(label.level, 3)}`;
    element.textContent = label.text;
    element.style.fontSize = `${label.fontPx * this.typeScale}px`;
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
