import type { Projection } from "../state/camera";
import { cssColor } from "../state/palette";
import { type DrawnBatch, FULL, type PointBatch, type PointsLook, type PointsPainter } from "./points";

/** Points on a plain canvas, for browsers without WebGL 2: a fair sample where there are too many. */
export class CanvasPoints implements PointsPainter {
  readonly maxPoints = 50_000;
  private readonly context: CanvasRenderingContext2D;
  private ratio = 1;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d")!;
  }

  paint(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void {
    this.clear();
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const styles = look.opacities.map((opacity) => look.palette.map((color) => cssColor(color, opacity)));
    for (const { batch, n } of drawn) this.paintBatch(projection, batch, n, look.radiusPx, styles);
  }

  /** A canvas knows no half-drawn picture. */
  begin(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void {
    this.paint(projection, drawn, look);
  }

  goOn(): boolean {
    return true;
  }

  forget(): void {}

  resize(widthPx: number, heightPx: number, ratio: number): void {
    this.ratio = ratio;
    this.canvas.width = Math.round(widthPx * ratio);
    this.canvas.height = Math.round(heightPx * ratio);
  }

  clear(): void {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  destroy(): void {
    this.clear();
  }

  private paintBatch(
    projection: Projection,
    { places, codes, strengths, x0, y0, step }: PointBatch,
    n: number,
    radiusPx: number,
    styles: readonly (readonly string[])[],
  ): void {
    const { context } = this;
    const { widthPx, heightPx } = projection.viewport;
    for (let row = 0; row < n; row++) {
      const { x, y } = projection.toScreen(x0 + places[row * 2]! * step, y0 + places[row * 2 + 1]! * step);
      if (x < -radiusPx || y < -radiusPx || x > widthPx + radiusPx || y > heightPx + radiusPx) continue;
      const colors = styles[strengths?.[row] ?? FULL]!;
      context.fillStyle = colors[Math.min(codes?.[row] ?? Number.POSITIVE_INFINITY, colors.length - 1)]!;
      context.beginPath();
      context.arc(x, y, radiusPx, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
