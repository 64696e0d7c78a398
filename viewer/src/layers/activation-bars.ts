import { CELLS_PER_TILE } from "../bundle/cells";
import { activationColumn, NO_ROW } from "../bundle/columns";
import type { Projection } from "../state/camera";
import { CAPTION_FROM_PX, type ItemsLayer } from "./items";
import { aboveCaption } from "./painting";
import { gridRect, type RectPx } from "./rect";
import type { Sight } from "./sight";
import type { Tokens } from "./tokens";

/** Pictures narrower than this have no room for a bar. */
const BARS_FROM_PX = 26;
const INSET_SHARE = 0.14;
const LOWER_SHARE = 0.045;
const THICKNESS_SHARE = 0.04;
const LEAST_THICKNESS_PX = 2;
const MOST_THICKNESS_PX = 5;
const HALO_PX = 1.5;

/** A bar at the lower edge of each picture of a latent's map, as long as the activation of the item in it is beside the maximum. */
export class ActivationBars {
  private values: { rowOf: Uint32Array; activations: ArrayLike<number>; maximum: number } | null = null;
  private isAsked = false;

  constructor(
    private readonly sight: Sight,
    private readonly items: ItemsLayer,
  ) {}

  /** Whether pictures are looked at that have bars. */
  get areSeen(): boolean {
    const { data, collage, wishes } = this.sight;
    return data.map.latent !== null && !data.isTiled && collage !== null && !wishes.isDimmed;
  }

  paint(context: CanvasRenderingContext2D, projection: Projection): void {
    if (!this.areSeen) return;
    const { tokens } = this.sight;
    if (!this.values) {
      this.read();
      return;
    }
    for (const { item, rect, opacity } of this.pictures(projection)) {
      const share = this.shareOf(item);
      if (share === null || rect.width < BARS_FROM_PX) continue;
      context.globalAlpha = opacity;
      paintBar(context, rect, share, tokens);
    }
    context.globalAlpha = 1;
  }

  /** What is drawn: items one by one, or the cells of the tiles. */
  private *pictures(projection: Projection): Iterable<{ item: number; rect: RectPx; opacity: number }> {
    const { sieve } = this.items;
    if (this.items.isDrawing) {
      for (const { leaf, rect } of this.items.drawn()) {
        const isCaptioned = rect.width >= CAPTION_FROM_PX && !leaf.cell.isTextCard;
        const opacity = sieve?.opacityOf(leaf.cell, leaf.level) ?? 1;
        yield { item: leaf.cell.item, rect: isCaptioned ? aboveCaption(rect) : rect, opacity };
      }
      return;
    }
    const { level } = this.sight;
    for (const cell of this.items.cellsOn(projection, level)) {
      const rect = gridRect(projection, CELLS_PER_TILE * 2 ** level, cell.column, cell.row, 1);
      yield { item: cell.item, rect, opacity: sieve?.opacityOf(cell, level) ?? 1 };
    }
  }

  private shareOf(item: number): number | null {
    const { rowOf, activations, maximum } = this.values!;
    const row = rowOf[item] ?? NO_ROW;
    return row === NO_ROW ? null : Math.min(1, Math.max(0, activations[row]! / maximum));
  }

  private read(): void {
    const { data } = this.sight;
    const column = activationColumn(data.map);
    if (this.isAsked || !column) return;
    this.isAsked = true;
    this.sight.reading(Promise.all([data.positions(), data.colorValues(column)]), ([{ rowOf }, activations]) => {
      this.values = { rowOf, activations, maximum: data.map.latent!.maximum };
    });
  }
}

function paintBar(context: CanvasRenderingContext2D, rect: RectPx, share: number, tokens: Tokens): void {
  const height = Math.min(MOST_THICKNESS_PX, Math.max(LEAST_THICKNESS_PX, rect.width * THICKNESS_SHARE));
  const inset = rect.width * INSET_SHARE;
  const width = rect.width - 2 * inset;
  const [x, y] = [rect.x + inset, rect.y + rect.height * (1 - LOWER_SHARE) - height];
  const pill = (left: number, top: number, across: number, down: number, color: string) => {
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(left, top, across, down, down / 2);
    context.fill();
  };
  pill(x - HALO_PX, y - HALO_PX, width + 2 * HALO_PX, height + 2 * HALO_PX, tokens.page);
  pill(x, y, width, height, tokens.heatTrack);
  pill(x, y, Math.max(height, width * share), height, tokens.heat);
}
