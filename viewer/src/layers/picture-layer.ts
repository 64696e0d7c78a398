import { CELL_PX } from "../bundle/cells";
import type { Projection } from "../state/camera";
import { CollageLayer } from "./collage";
import { Ground } from "./ground";
import { ItemsLayer, type Room } from "./items";
import type { CellStrength, KeptCells } from "./kept-cells";
import { Preview } from "./preview";
import { paintSharpCells } from "./sharp-cells";
import { ITEMS_BEYOND_FIT, type Sight } from "./sight";

const DIMMED_OPACITY = 0.32;
/** Width of a cell on the tiles, and how much larger than there it may be in a picture that is taken. */
const MOST_ENLARGED = 1.1;

/** The pictures of a map: the ground, on it the collage or, near enough, single items; before points, the preview. */
export class PictureLayer {
  readonly items: ItemsLayer;
  readonly context: CanvasRenderingContext2D;
  private readonly collage: CollageLayer;
  private readonly ground: Ground;
  private readonly preview = new Preview();

  constructor(
    private readonly sight: Sight,
    private readonly canvas: HTMLCanvasElement,
  ) {
    const { data, refresh, fail, tokens } = sight;
    this.context = canvas.getContext("2d")!;
    this.collage = new CollageLayer(data, refresh, fail);
    this.collage.isDark = tokens.isDark;
    this.items = new ItemsLayer(data, this.collage, refresh, fail);
    this.ground = new Ground(sight);
  }

  get isLoading(): boolean {
    return this.items.isLoading;
  }

  /** Shows what is there without movement. */
  set isCalm(isCalm: boolean) {
    this.items.isCalm = isCalm;
    this.collage.fadeMs = isCalm ? 0 : 150;
  }

  setTheme(): void {
    this.collage.isDark = this.sight.tokens.isDark;
  }

  sieve(strength: CellStrength | null): void {
    this.collage.sieve = this.items.sieve = strength;
  }

  readFirst(): void {
    const { data, wishes } = this.sight;
    const { preview, collage } = data.map;
    if (preview && collage) this.sight.reading(data.wholePicture(preview), (picture) => (this.collage.preview = picture));
    else if (preview && data.isTiled && wishes.layers.points)
      this.sight.reading(data.wholePicture(preview), (picture) => (this.preview.picture = picture));
    this.ground.readFirst();
  }

  /** Paints what the screen shows; returns whether nothing of it is still to come. */
  paint(
    projection: Projection,
    frame: { nowMs: number; isMoving: boolean; ratio: number; arePointsHere: boolean; kept: KeptCells | null },
  ): boolean {
    const { context } = this;
    const { wishes, refresh } = this.sight;
    const { nowMs, ratio } = frame;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, projection.viewport.widthPx, projection.viewport.heightPx);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = frame.isMoving ? "low" : "high";
    this.ground.paint(context, projection, frame.kept);
    if (wishes.layers.points && this.preview.paint(context, projection, frame.arePointsHere, nowMs)) refresh();
    return !this.sight.collage || this.paintCollage(projection, nowMs, ratio);
  }

  private paintCollage(projection: Projection, nowMs: number, ratio: number): boolean {
    const { context, collage, items } = this;
    const { wishes, level, tokens, refresh } = this.sight;
    context.globalAlpha = wishes.isDimmed ? DIMMED_OPACITY : 1;
    const drawn = this.drawsItems ? items.paint(context, projection, level, nowMs, ratio, tokens) : null;
    if (drawn) {
      context.globalAlpha = 1;
      if (drawn.isMoving) refresh();
      return !drawn.isMoving && !items.isLoading && !collage.isLoading;
    }
    items.rest();
    const frame = collage.paint(context, projection, level, nowMs, ratio);
    context.globalAlpha = 1;
    if (frame.isFading) refresh();
    return frame.isComplete;
  }

  /** The room between single items; null while none are drawn one by one, undefined while they are being read. */
  room(projection: Projection): Room | null | undefined {
    if (!this.sight.collage || this.sight.wishes.isDimmed) return null;
    const room = this.items.room(projection);
    return room ?? (this.drawsItems && this.items.isLoading ? undefined : null);
  }

  /** Near enough, items are drawn one by one. */
  private get drawsItems(): boolean {
    const { level, deepestLevel, beyondFit } = this.sight;
    return level === deepestLevel || beyondFit > ITEMS_BEYOND_FIT;
  }

  /** What was painted last, as sharp as asked for: cells are drawn from the items themselves where the tiles would be enlarged. */
  async sharp(projection: Projection, scale: number, kept: KeptCells | null): Promise<HTMLCanvasElement> {
    const { data, wishes, level, tokens } = this.sight;
    const isEnough = projection.cellPx(level) * scale <= CELL_PX * MOST_ENLARGED;
    if (!this.sight.collage || this.items.isDrawing || isEnough) return this.canvas;
    const canvas = document.createElement("canvas");
    canvas.width = this.canvas.width;
    canvas.height = this.canvas.height;
    const context = canvas.getContext("2d")!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.imageSmoothingQuality = "high";
    this.ground.paint(context, projection, kept);
    context.globalAlpha = wishes.isDimmed ? DIMMED_OPACITY : 1;
    await paintSharpCells(context, data, this.collage, projection, level, scale, tokens);
    return canvas;
  }
}
