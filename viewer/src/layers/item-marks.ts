import { mostRinged } from "../bundle/place-limits";
import { cellAt, cellCenter, type Projection } from "../state/camera";
import { ActivationBars } from "./activation-bars";
import type { ItemsLayer } from "./items";
import type { KeptCells } from "./kept-cells";
import { LinesLayer } from "./lines";
import {
  isNearScreen,
  type Mark,
  paintFalse,
  paintFound,
  paintPointed,
  paintRanked,
  paintRanks,
  paintRings,
  paintSelection,
} from "./marks";
import { type OutcomePlace, paintOutcomes } from "./outcome-marks";
import { paintPickedCells, paintPickedItems } from "./picked";
import type { Sight } from "./sight";
import { Surroundings } from "./surroundings";

/** Half of a frame's side, as a share of the cell that it goes around. */
const FRAME_SHARE = 0.485;
/** On larger maps a hover alone is not worth reading where all items lie. */
const MAX_HOVER_LINES = 100_000;

/** The marks over the map: what is chosen and its neighbors, found, ranked, ringed and selected. */
export class ItemMarks {
  private readonly context: CanvasRenderingContext2D;
  private readonly badges: CanvasRenderingContext2D;
  private readonly lines: LinesLayer;
  private readonly surroundings: Surroundings;
  private readonly bars: ActivationBars;

  constructor(
    private readonly sight: Sight,
    private readonly elements: { marks: HTMLCanvasElement; badges: HTMLCanvasElement; lines: SVGSVGElement },
    private readonly items: ItemsLayer,
    private readonly radiusPx: () => number,
  ) {
    this.context = elements.marks.getContext("2d")!;
    this.badges = elements.badges.getContext("2d")!;
    this.lines = new LinesLayer(elements.lines);
    this.surroundings = new Surroundings(sight);
    this.bars = new ActivationBars(sight, items);
  }

  paint(projection: Projection, ratio: number, picked: KeptCells | null): void {
    const { context, badges } = this;
    const { wishes, places, data, tokens } = this.sight;
    for (const canvas of [context, badges]) {
      canvas.setTransform(ratio, 0, 0, ratio, 0, 0);
      canvas.clearRect(0, 0, projection.viewport.widthPx, projection.viewport.heightPx);
    }
    const hovers = wishes.hovered !== null && data.map.nItems <= MAX_HOVER_LINES;
    const marked = this.markedItems(hovers);
    const needsPlaces = marked.length > 0 || picked !== null;
    // Chromium without a GPU may go on showing the last marks of a canvas that was only cleared.
    this.elements.marks.style.visibility = needsPlaces || this.bars.areSeen ? "visible" : "hidden";
    this.elements.badges.style.visibility = wishes.ranked.length + wishes.outcomes.length > 0 ? "visible" : "hidden";
    this.bars.paint(context, projection);
    if (needsPlaces && !places.know(marked)) {
      this.sight.reading(places.read(marked), () => {});
      return;
    }
    this.paintPicked(projection, picked);
    const shown = (items: ArrayLike<number>) => this.marksOf(items, projection).filter((mark) => isNearScreen(projection, mark));
    const found = shown(this.found());
    paintRings(context, shown(wishes.ringed), tokens);
    paintFound(context, found, tokens);
    const ranked = wishes.ranked.flatMap((item, rank) =>
      this.marksOf([item], projection).map((mark) => ({ ...mark, rank: rank + 1 })),
    );
    paintRanked(context, ranked, tokens);
    paintOutcomes(badges, this.outcomes(projection), tokens);
    paintRanks(badges, ranked, tokens);
    this.paintChosen(projection);
  }

  /** What was found, as much of it as is ringed. */
  private found(): Uint32Array {
    return this.sight.wishes.found.subarray(0, mostRinged(this.sight.data));
  }

  private outcomes(projection: Projection): OutcomePlace[] {
    return this.sight.wishes.outcomes.flatMap(({ item, outcome }) =>
      this.marksOf([item], projection)
        .filter((mark) => isNearScreen(projection, mark))
        .map((mark) => ({ ...mark, outcome })),
    );
  }

  /** All items that have a mark on the map. */
  private markedItems(hovers: boolean): number[] {
    const { selected, hovered, pointed, ranked, ringed, outcomes } = this.sight.wishes;
    const center = selected ?? (hovers ? hovered : null);
    const around = center === null ? [] : [center, ...this.surroundings.around(center)];
    const beside = pointed === null ? [] : [pointed];
    return [...around, ...beside, ...ranked, ...ringed, ...outcomes.map(({ item }) => item), ...this.found()];
  }

  /** What is selected of the collage has an outline; points tell it by their strength. */
  private paintPicked(projection: Projection, picked: KeptCells | null): void {
    const { wishes, collage, level, tokens } = this.sight;
    if (!picked || !collage || wishes.isDimmed) return;
    if (this.items.isDrawing) paintPickedItems(this.context, this.items.drawn(), picked, tokens);
    else paintPickedCells(this.context, projection, level, picked, tokens);
  }

  /** The chosen item has a frame; an item under the pointer shows its neighbors while none is chosen. */
  private paintChosen(projection: Projection): void {
    const { context, surroundings } = this;
    const { wishes, tokens } = this.sight;
    const { selected, hovered, pointed, layers } = wishes;
    const center = selected ?? hovered;
    const [mark] = center === null ? [] : this.marksOf([center], projection);
    surroundings.of(center, selected !== null);
    const isElsewhere = (end: Mark) => end.x !== mark?.x || end.y !== mark?.y;
    const ends = (items: readonly number[]) => (mark && layers.lines ? this.marksOf(items, projection).filter(isElsewhere) : []);
    this.lines.paint(mark ?? null, ends(surroundings.near), ends(surroundings.torn));
    paintFalse(context, ends(surroundings.unlike), tokens);
    if (mark && selected !== null) paintSelection(context, mark, tokens);
    const [pointedMark] = pointed === null || pointed === selected ? [] : this.marksOf([pointed], projection);
    if (pointedMark) paintPointed(context, pointedMark, tokens);
  }

  /** Where items stand now: in the middle of their cells while the collage shows, at their own place otherwise. */
  private marksOf(items: ArrayLike<number>, projection: Projection): Mark[] {
    const { collage, wishes, level, places, data } = this.sight;
    const { extent } = data.map;
    const onCollage = collage !== null && !wishes.isDimmed;
    const radiusPx = onCollage ? projection.cellPx(level) * FRAME_SHARE : 3 + 1.4 * this.radiusPx();
    const seen = new Set<string>();
    const marks: Mark[] = [];
    for (let index = 0; index < items.length; index++) {
      const rect = onCollage ? this.items.rectOf(items[index]!) : undefined;
      let place = places.of(items[index]!);
      if (rect) {
        marks.push({
          x: rect.x + rect.width / 2,
          y: rect.y + rect.height / 2,
          radiusPx: rect.width * FRAME_SHARE,
          isSquare: true,
        });
      } else if (place) {
        if (onCollage) {
          const { column, row } = cellAt(extent, level, place.x, place.y);
          if (seen.has(`${column}/${row}`)) continue;
          seen.add(`${column}/${row}`);
          place = cellCenter(extent, level, column, row);
        }
        marks.push({ ...projection.toScreen(place.x, place.y), radiusPx, isSquare: onCollage });
      }
    }
    return marks;
  }
}
