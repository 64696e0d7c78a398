import type { ColorColumn, NumberColor } from "../bundle/model";
import { categoryColors, numberColor, OTHER, type Ramp, type Rgb, trustColor } from "./palette";

/** How strongly a point covers what is beneath it, and how faint one is that the filters leave out: it only shows where no other does. */
export const POINT_OPACITY = 225 / 255;
export const FAINT_OPACITY = 20 / 255;
/** The share of its strength that stays to a point that is not selected beside those that are. */
export const BACK_SHARE = 0.3;

/** The code under which a legend lists rows without a value. */
export const MISSING = -1;

/** Numbers are drawn in so many shades; the next code is of rows without a number. */
export const N_SHADES = 255;

/** The color of every code; the last is that of codes beyond it, and of points whose codes are still being read. */
export type Palette = readonly Rgb[];

/** The colors of a column's codes: categories as they are stored, numbers as shades. */
export function columnPalette(column: ColorColumn, ramp: Ramp = "number"): Palette {
  if (column.kind === "category") return [...categoryColors(column), OTHER];
  const value = (shade: number) => column.low + (shade / (N_SHADES - 1)) * (column.high - column.low);
  return [...Array.from({ length: N_SHADES }, (_, shade) => numberColor(column, value(shade), ramp)), OTHER];
}

/** The colors of shares in steps of 1/255. */
export function trustPalette(): Palette {
  return [...Array.from({ length: 256 }, (_, step) => trustColor(step / 255)), OTHER];
}

/** The shades of numbers: even steps from the smallest to the largest; all the first where these are the same. */
export function shadesOf({ low, high }: NumberColor, values: ArrayLike<number>): Uint8Array {
  const shades = new Uint8Array(values.length);
  const scale = high > low ? (N_SHADES - 1) / (high - low) : 0;
  for (let row = 0; row < shades.length; row++) {
    const value = values[row]!;
    const shade = (value - low) * scale;
    shades[row] = Number.isNaN(value) ? N_SHADES : Math.min(N_SHADES - 1, Math.max(0, Math.round(shade)));
  }
  return shades;
}
