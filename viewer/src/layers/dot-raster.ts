import type { Rgb } from "../state/palette";

/** The edge of a dot fades over one pixel, as the graphics card draws it. */
const EDGE_PX = 0.5;
/** Places of a dot within a pixel that are told apart, along each side. */
const N_OFFSETS = 4;

/** A dot's coverage of the pixels around the one that its middle lies in: (side · side), by rows. */
interface Stamp {
  reach: number;
  side: number;
  coverage: Float32Array;
}

/** A picture of dots that is painted pixel by pixel, each over those before it: many small ones are quicker so than as shapes of a canvas. */
export class DotRaster {
  /** Four numbers a pixel in [0, 1], the colors weighted by the opacity. */
  private readonly pixels: Float32Array;
  private stamps: Stamp[];

  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
    private radiusPx: number,
  ) {
    this.pixels = new Float32Array(4 * widthPx * heightPx);
    this.stamps = stampsOf(radiusPx);
  }

  /** Takes all dots away, to paint others of this radius: a new picture would take its megabytes once more. */
  clear(radiusPx: number): void {
    this.pixels.fill(0);
    if (radiusPx === this.radiusPx) return;
    this.radiusPx = radiusPx;
    this.stamps = stampsOf(radiusPx);
  }

  /** Paints a dot whose middle lies at (x, y); what lies beyond the picture is cut off. */
  add(x: number, y: number, [red, green, blue]: Rgb, opacity: number): void {
    const { widthPx, heightPx, pixels, radiusPx } = this;
    if (!(x > -radiusPx && y > -radiusPx && x < widthPx + radiusPx && y < heightPx + radiusPx)) return;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const { reach, side, coverage } =
      this.stamps[Math.floor((y - row) * N_OFFSETS) * N_OFFSETS + Math.floor((x - column) * N_OFFSETS)]!;
    const left = Math.max(0, column - reach);
    const right = Math.min(widthPx - 1, column + reach);
    const low = Math.min(heightPx - 1, row + reach);
    for (let at = Math.max(0, row - reach); at <= low; at++) {
      let from = (at - row + reach) * side + left - column + reach;
      for (let pixel = 4 * (at * widthPx + left); pixel <= 4 * (at * widthPx + right); pixel += 4) {
        const share = opacity * coverage[from++]!;
        const rest = 1 - share;
        pixels[pixel] = pixels[pixel]! * rest + (red / 255) * share;
        pixels[pixel + 1] = pixels[pixel + 1]! * rest + (green / 255) * share;
        pixels[pixel + 2] = pixels[pixel + 2]! * rest + (blue / 255) * share;
        pixels[pixel + 3] = pixels[pixel + 3]! * rest + share;
      }
    }
  }

  /** Four bytes a pixel, as a canvas takes them: red, green, blue, opacity. */
  bytes(): Uint8ClampedArray<ArrayBuffer> {
    const { pixels } = this;
    const bytes = new Uint8ClampedArray(pixels.length);
    for (let at = 0; at < pixels.length; at += 4) {
      const opacity = pixels[at + 3]!;
      if (opacity === 0) continue;
      bytes[at] = (255 * pixels[at]!) / opacity;
      bytes[at + 1] = (255 * pixels[at + 1]!) / opacity;
      bytes[at + 2] = (255 * pixels[at + 2]!) / opacity;
      bytes[at + 3] = 255 * opacity;
    }
    return bytes;
  }
}

function offset(at: number): number {
  return (at + 0.5) / N_OFFSETS;
}

function stampsOf(radiusPx: number): Stamp[] {
  return Array.from({ length: N_OFFSETS ** 2 }, (_, at) =>
    stampOf(radiusPx, offset(at % N_OFFSETS), offset(Math.floor(at / N_OFFSETS))),
  );
}

function stampOf(radiusPx: number, x: number, y: number): Stamp {
  const reach = Math.ceil(radiusPx + EDGE_PX);
  const side = 2 * reach + 1;
  const coverage = Float32Array.from({ length: side * side }, (_, at) => {
    const [across, down] = [(at % side) - reach + 0.5, Math.floor(at / side) - reach + 0.5];
    return Math.min(1, Math.max(0, radiusPx + EDGE_PX - Math.hypot(across - x, down - y)));
  });
  return { reach, side, coverage };
}
