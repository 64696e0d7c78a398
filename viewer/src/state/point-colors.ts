import type { ColorColumn } from "../bundle/model";
import { categoryColors, numberColor, OTHER, type Ramp, type Rgb, trustColor } from "./palette";

const FAINT_ALPHA = 20;
/** How strong what is not selected stays beside what is. */
const REST_SHARE = 0.3;

/** RGBA of every row, in drawing order. */
export function colorsByColumn(
  column: ColorColumn,
  values: ArrayLike<number>,
  alpha: number,
  ramp: Ramp = "number",
): Uint8Array<ArrayBuffer> {
  if (column.kind === "number") return painted(values.length, alpha, (row) => numberColor(column, values[row]!, ramp));
  const colors = categoryColors(column);
  return painted(values.length, alpha, (row) => colors[values[row]!] ?? OTHER);
}

/**
 * The same colors, with the rows that the filters leave out so faint that they only show where the others are not.
 *
 * Beside selected rows, those that are not step back a little.
 */
export function sifted(rgba: Uint8Array, kept: Uint8Array | null, picked: Uint8Array | null = null): Uint8Array<ArrayBuffer> {
  const left = new Uint8Array(rgba);
  for (let row = 0; row * 4 < left.length; row++) {
    const alpha = row * 4 + 3;
    if (kept?.[row] === 0) left[alpha] = FAINT_ALPHA;
    else if (picked?.[row] === 0) left[alpha] = left[alpha]! * REST_SHARE;
  }
  return left;
}

/** The code under which a legend lists rows without a value. */
export const MISSING = -1;

export function colorsByTrust(shares: Uint8Array, alpha: number): Uint8Array<ArrayBuffer> {
  return painted(shares.length, alpha, (row) => trustColor(shares[row]! / 255));
}

export function oneColor(nRows: number, color: Rgb, alpha: number): Uint8Array<ArrayBuffer> {
  return painted(nRows, alpha, () => color);
}

function painted(nRows: number, alpha: number, colorOf: (row: number) => Rgb): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(nRows * 4);
  for (let row = 0; row < nRows; row++) {
    const [r, g, b] = colorOf(row);
    rgba[row * 4] = r;
    rgba[row * 4 + 1] = g;
    rgba[row * 4 + 2] = b;
    rgba[row * 4 + 3] = alpha;
  }
  return rgba;
}
