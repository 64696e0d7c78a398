import { NO_ROW, type Positions } from "../bundle/columns";
import type { Projection } from "../state/camera";

/** On larger maps a flight would stutter. */
export const MAX_MORPHED = 200_000;

const DURATION_MS = 700;
const ON_LIGHT = [70, 84, 110] as const;
const ON_DARK = [168, 184, 212] as const;
const ALPHA = 225;
/** Beyond so many, points are written as squares of pixels. */
const MAX_DISCS = 8_000;

export interface MorphLook {
  isDark: boolean;
  /** Radius of a point in CSS pixels. */
  radiusPx: number;
}

/** Lets the items fly from where they stood on one map to where they stand on another; those that are new appear in place. */
export class Morph {
  private readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  /** (2 · n) where each row's item stood on the screen; NaN where it did not. */
  private readonly from: Float32Array;
  private startMs: number | null = null;

  constructor(
    parent: HTMLElement,
    before: Positions,
    was: Projection,
    private readonly after: Positions,
    private readonly look: MorphLook,
  ) {
    this.canvas.className = "morph";
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = this.canvas.getContext("2d")!;
    parent.append(this.canvas);
    this.from = new Float32Array(after.xy.length).fill(Number.NaN);
    for (const [row, item] of after.item.entries()) {
      const old = before.rowOf[item] ?? NO_ROW;
      if (old === NO_ROW) continue;
      const at = was.toScreen(before.xy[old * 2]!, before.xy[old * 2 + 1]!);
      this.from[row * 2] = at.x;
      this.from[row * 2 + 1] = at.y;
    }
  }

  /** Paints the items on their way; returns whether they still are. */
  paint(projection: Projection, nowMs: number, ratio: number): boolean {
    this.startMs ??= nowMs;
    const share = Math.min(1, (nowMs - this.startMs) / DURATION_MS);
    const { widthPx, heightPx } = projection.viewport;
    this.canvas.width = Math.round(widthPx * ratio);
    this.canvas.height = Math.round(heightPx * ratio);
    const step = share < 0.5 ? 4 * share ** 3 : 1 - (-2 * share + 2) ** 3 / 2;
    if (this.after.item.length <= MAX_DISCS) this.paintDiscs(projection, step, ratio);
    else this.paintSquares(projection, step, ratio);
    return share < 1;
  }

  end(): void {
    this.canvas.remove();
  }

  private paintDiscs(projection: Projection, step: number, ratio: number): void {
    const { context } = this;
    const { isDark, radiusPx } = this.look;
    const [red, green, blue] = isDark ? ON_DARK : ON_LIGHT;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.each(projection, step, (x, y, alpha) => {
      context.fillStyle = `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
      context.beginPath();
      context.arc(x, y, radiusPx, 0, 2 * Math.PI);
      context.fill();
    });
  }

  private paintSquares(projection: Projection, step: number, ratio: number): void {
    const { width, height } = this.canvas;
    const image = this.context.createImageData(width, height);
    const { data } = image;
    const side = Math.max(1, Math.round(1.6 * this.look.radiusPx * ratio));
    const [red, green, blue] = this.look.isDark ? ON_DARK : ON_LIGHT;
    this.each(projection, step, (x, y, alpha) => {
      const left = Math.round(x * ratio - side / 2);
      const top = Math.round(y * ratio - side / 2);
      for (let v = Math.max(0, top); v < Math.min(height, top + side); v++) {
        for (let u = Math.max(0, left); u < Math.min(width, left + side); u++) {
          const at = (v * width + u) * 4;
          data[at] = red;
          data[at + 1] = green;
          data[at + 2] = blue;
          data[at + 3] = alpha;
        }
      }
    });
    this.context.putImageData(image, 0, 0);
  }

  private each(projection: Projection, step: number, draw: (x: number, y: number, alpha: number) => void): void {
    const { xy } = this.after;
    for (let row = 0; row < xy.length / 2; row++) {
      const to = projection.toScreen(xy[row * 2]!, xy[row * 2 + 1]!);
      const fromX = this.from[row * 2]!;
      const isNew = Number.isNaN(fromX);
      const x = isNew ? to.x : fromX + (to.x - fromX) * step;
      const y = isNew ? to.y : this.from[row * 2 + 1]! + (to.y - this.from[row * 2 + 1]!) * step;
      draw(x, y, ALPHA * (isNew ? step : 1));
    }
  }
}
