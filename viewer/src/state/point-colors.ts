import type { ColorColumn } from "../bundle/model";
import { categoryColors, numberColor, OTHER, type Rgb, trustColor } from "./palette";

/** RGBA of every row, in drawing order. Rows of hidden categories are fully transparent. */
export function colorsByColumn(
  column: ColorColumn,
  values: ArrayLike<number>,
  hidden: ReadonlySet<number>,
  alpha: number,
): Uint8Array<ArrayBuffer> {
  if (column.kind === "number") return painted(values.length, alpha, (row) => numberColor(column, values[row]!));
  const colors = categoryColors(column);
  const rgba = painted(values.length, alpha, (row) => colors[values[row]!] ?? OTHER);
  if (hidden.size > 0) {
    for (let row = 0; row < values.length; row++) {
      const code = colors[values[row]!] ? values[row]! : MISSING;
      if (hidden.has(code)) rgba[row * 4 + 3] = 0;
    }
  }
  return rgba;
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
