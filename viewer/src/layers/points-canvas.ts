import type { Projection } from "../state/camera";
import type { PointsPainter } from "./points";

const MAX_POINTS = 50_000;

/** Points on a plain canvas, for browsers without WebGL 2: a fair sample where there are too many. */
export class CanvasPoints implements PointsPainter {
  readonly nDrawn: number;
  private readonly context: CanvasRenderingContext2D;
  private rgba: Uint8Array = new Uint8Array(0);
  private ratio = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly xy: Float32Array,
  ) {
    this.nDrawn = Math.min(xy.length / 2, MAX_POINTS);
    this.context = canvas.getContext("2d")!;
  }

  setColors(rgba: Uint8Array<ArrayBuffer>): void {
    this.rgba = rgba;
  }

  paint(projection: Projection, radiusPx: number): void {
    const { context, ratio, xy, rgba } = this;
    const { widthPx, heightPx } = projection.viewport;
    this.clear();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (let row = 0; row < this.nDrawn; row++) {
      const alpha = rgba[row * 4 + 3] ?? 0;
      if (alpha === 0) continue;
      const { x, y } = projection.toScreen(xy[row * 2]!, xy[row * 2 + 1]!);
      if (x < -radiusPx || y < -radiusPx || x > widthPx + radiusPx || y > heightPx + radiusPx) continue;
      context.fillStyle = `rgb(${rgba[row * 4]} ${rgba[row * 4 + 1]} ${rgba[row * 4 + 2]} / ${alpha / 255})`;
      context.beginPath();
      context.arc(x, y, radiusPx, 0, 2 * Math.PI);
      context.fill();
    }
  }

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
}
