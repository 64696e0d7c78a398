import type { Projection } from "../state/camera";
import { extentRect } from "./rect";

const FADE_MS = 260;

/** The picture of the whole map, which stands beneath the points until the first of them are all here. */
export class Preview {
  picture: ImageBitmap | null = null;
  private goneSinceMs: number | null = null;

  /** Paints the picture as long as it is needed; returns whether it is fading. */
  paint(context: CanvasRenderingContext2D, projection: Projection, arePointsHere: boolean, nowMs: number): boolean {
    if (!this.picture) return false;
    if (arePointsHere) this.goneSinceMs ??= nowMs;
    const opacity = this.goneSinceMs === null ? 1 : 1 - (nowMs - this.goneSinceMs) / FADE_MS;
    if (opacity <= 0) {
      this.picture.close();
      this.picture = null;
      return false;
    }
    const { x, y, width, height } = extentRect(projection, projection.extent);
    context.globalAlpha = opacity;
    context.drawImage(this.picture, x, y, width, height);
    context.globalAlpha = 1;
    return this.goneSinceMs !== null;
  }
}
