import { rowsOfItems } from "../bundle/item-rows";
import type { Projection, RectPx } from "../state/camera";
import type { ItemsLayer } from "./items";
import { type SeenPart, seenPart } from "./seen-part";
import type { Sight } from "./sight";

/** By what some items of a map are kept apart from the others. */
export type KeptBy = "filters" | "search" | "selection";

/** Tells which of what the filters keep, the search found and is selected lies wholly out of view. */
export class Unseen {
  private asked: unknown[] = [];
  private said = "";
  private found: { items: Uint32Array; mask: Promise<Uint8Array> } | null = null;

  constructor(
    private readonly sight: Sight,
    private readonly items: ItemsLayer,
    private readonly panels: () => RectPx[],
    private readonly radiusPx: () => number,
    private readonly onUnseen: (unseen: ReadonlySet<KeptBy>) => void,
  ) {}

  /** Looks anew where the view, what is drawn in it or what is kept has changed. */
  look(projection: Projection): void {
    const { kept, picked, found, covered, layers } = this.sight.wishes;
    const { camera, viewport } = projection;
    const { isDrawing, isLoading } = this.items;
    const isAnyKept = kept !== null || picked !== null || found.length > 0;
    const panels = isAnyKept ? this.panels().flatMap(({ x, y, width, height }) => [x, y, width, height]) : [];
    const view = Object.values({ ...covered, ...camera, ...viewport });
    const asking = [kept, picked, found, layers.collage, isDrawing, isLoading, ...view, ...panels];
    if (asking.length === this.asked.length && asking.every((one, at) => one === this.asked[at])) return;
    this.asked = asking;
    if (!isAnyKept) this.say([]);
    else this.sight.reading(this.among(projection), (unseen) => asking === this.asked && this.say(unseen));
  }

  /** (n_rows) 1 for each row that is kept by something; null where nothing is. */
  async maskOf(by: KeptBy): Promise<Uint8Array | null> {
    const { kept, picked, found } = this.sight.wishes;
    if (by !== "search") return by === "filters" ? kept : picked;
    if (found.length === 0) return null;
    if (this.found?.items !== found) {
      const mask = rowsOfItems(this.sight.data, found);
      this.found = { items: found, mask };
      mask.catch(() => {
        if (this.found?.mask === mask) this.found = null; // what could not be read is asked for again
      });
    }
    return this.found.mask;
  }

  private async among(projection: Projection): Promise<KeptBy[]> {
    const drawn = [...this.items.drawn()];
    const marginPx = this.sight.collage && drawn.length === 0 ? projection.cellPx(this.sight.level) / 2 : this.radiusPx();
    const part = seenPart(projection, this.panels(), marginPx);
    const pictured = drawn.filter(({ rect }) => isSeen(part, projection, rect)).map(({ leaf }) => leaf.cell.item);
    const unseen: KeptBy[] = [];
    for (const by of ["filters", "search", "selection"] as const) {
      const mask = await this.maskOf(by);
      if (!mask?.includes(1) || pictured.some((item) => this.sight.places.keeps(item, mask))) continue;
      if (!(await this.sight.places.areSeen(mask, part))) unseen.push(by);
    }
    return unseen;
  }

  private say(unseen: KeptBy[]): void {
    if (unseen.join() === this.said) return;
    this.said = unseen.join();
    this.onUnseen(new Set(unseen));
  }
}

/** Whether the middle of a picture is seen, or one of its corners. */
function isSeen(part: SeenPart, projection: Projection, { x, y, width, height }: RectPx): boolean {
  return [0.5, 0, 1].some((right) =>
    [0.5, 0, 1].some((down) => {
      const place = projection.toLayout({ x: x + right * width, y: y + down * height });
      return part.has(place.x, place.y);
    }),
  );
}
