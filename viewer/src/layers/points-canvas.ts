import type { Projection } from "../state/camera";
import { DotRaster } from "./dot-raster";
import { type DrawnBatch, FULL, type PointBatch, type PointsLook, type PointsPainter } from "./points";

/** A finer picture of dots tells no more, and takes longer. */
const MOST_RATIO = 2;

/** A picture of many points that grows over some frames. */
interface Unfinished {
  projection: Projection;
  look: PointsLook;
  raster: DotRaster;
  drawn: readonly DrawnBatch[];
  /** The batch that comes next, and its first row that is not painted. */
  batch: number;
  row: number;
}

/** Points on a plain canvas, for browsers without WebGL 2: painted pixel by pixel, a fair sample where there are too many. */
export class CanvasPoints implements PointsPainter {
  readonly maxPoints = 400_000;
  private readonly context: CanvasRenderingContext2D;
  private ratio = 1;
  private unfinished: Unfinished | null = null;
  /** As large as the canvas, and painted over and over. */
  private raster: DotRaster | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d")!;
  }

  paint(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void {
    this.begin(projection, drawn, look);
    this.goOn(Number.POSITIVE_INFINITY);
  }

  begin(projection: Projection, drawn: readonly DrawnBatch[], look: PointsLook): void {
    const raster = this.emptyRaster(look.radiusPx * this.ratio);
    this.unfinished = { projection, look, raster, drawn, batch: 0, row: 0 };
  }

  goOn(nPoints: number): boolean {
    const { unfinished } = this;
    if (!unfinished) return true;
    for (let left = nPoints; left > 0 && unfinished.batch < unfinished.drawn.length; ) {
      const { batch, n } = unfinished.drawn[unfinished.batch]!;
      const end = Math.min(n, unfinished.row + Math.ceil(left));
      this.paintRows(unfinished, batch, unfinished.row, end);
      left -= end - unfinished.row;
      unfinished.row = end;
      if (end < n) return false;
      unfinished.batch++;
      unfinished.row = 0;
    }
    if (unfinished.batch < unfinished.drawn.length) return false;
    const { widthPx, heightPx } = unfinished.raster;
    if (widthPx > 0 && heightPx > 0) this.context.putImageData(new ImageData(unfinished.raster.bytes(), widthPx, heightPx), 0, 0);
    this.unfinished = null;
    return true;
  }

  forget(): void {}

  resize(widthPx: number, heightPx: number, ratio: number): void {
    this.ratio = Math.min(MOST_RATIO, ratio);
    this.canvas.width = Math.round(widthPx * this.ratio);
    this.canvas.height = Math.round(heightPx * this.ratio);
    this.unfinished = null;
  }

  clear(): void {
    this.unfinished = null;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  destroy(): void {
    this.clear();
    this.raster = null;
  }

  private emptyRaster(radiusPx: number): DotRaster {
    const { width, height } = this.canvas;
    if (this.raster?.widthPx === width && this.raster.heightPx === height) this.raster.clear(radiusPx);
    else this.raster = new DotRaster(width, height, radiusPx);
    return this.raster;
  }

  private paintRows(
    { projection, look, raster }: Unfinished,
    { places, codes, strengths, x0, y0, step }: PointBatch,
    start: number,
    end: number,
  ): void {
    const { palette, opacities } = look;
    const { ratio } = this;
    const origin = projection.toScreen(x0, y0);
    const stepPx = step * projection.pxPerUnit * ratio;
    for (let row = start; row < end; row++) {
      const color = palette[Math.min(codes?.[row] ?? Number.POSITIVE_INFINITY, palette.length - 1)]!;
      const x = origin.x * ratio + places[row * 2]! * stepPx;
      const y = origin.y * ratio + places[row * 2 + 1]! * stepPx;
      raster.add(x, y, color, opacities[strengths?.[row] ?? FULL]!);
    }
  }
}
