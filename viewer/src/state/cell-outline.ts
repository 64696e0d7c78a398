/** A part of a grid of square cells: which of them belong to something, and which to something else. */
export class CellWindow {
  /** 1 for each cell that belongs. */
  readonly isIn: Uint8Array;
  /** 1 for each cell that holds something else. */
  readonly isOther: Uint8Array;

  constructor(
    readonly column0: number,
    readonly row0: number,
    readonly nColumns: number,
    readonly nRows: number,
  ) {
    this.isIn = new Uint8Array(nColumns * nRows);
    this.isOther = new Uint8Array(nColumns * nRows);
  }

  /** Marks the cells of a square that lie in the window. */
  mark(cells: Uint8Array, column: number, row: number, span = 1): void {
    const { column0, row0, nColumns, nRows } = this;
    const [x0, x1] = [Math.max(0, column - column0), Math.min(nColumns, column - column0 + span)];
    const [y0, y1] = [Math.max(0, row - row0), Math.min(nRows, row - row0 + span)];
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) cells[x + y * nColumns] = 1;
  }
}

/** Corners of a closed line, by turns x and y in cells; what it goes around lies at its right, y downwards. */
export type Ring = number[];

/** Joins what lies no farther apart than 2 · `reach` empty cells; cells of something else stay out. */
export function joined(window: CellWindow, reach: number): Uint8Array {
  const { isIn, isOther, nColumns, nRows } = window;
  if (reach <= 0) return isIn;
  const spread = spreadBy(isIn, nColumns, nRows, reach, 1);
  const closed = spreadBy(spread, nColumns, nRows, reach, 0);
  return closed.map((one, at) => (isIn[at] || (one && !isOther[at]) ? 1 : 0));
}

/** Spreads cells of a value by so many on each side. */
function spreadBy(cells: Uint8Array, nColumns: number, nRows: number, reach: number, value: 0 | 1): Uint8Array {
  const along = (from: Uint8Array, step: number, length: number, nLines: number, lineStep: number) => {
    const to = from.slice();
    for (let line = 0; line < nLines; line++) {
      for (let at = 0; at < length; at++) {
        if (from[line * lineStep + at * step] !== value) continue;
        const [low, high] = [Math.max(0, at - reach), Math.min(length - 1, at + reach)];
        for (let near = low; near <= high; near++) to[line * lineStep + near * step] = value;
      }
    }
    return to;
  };
  return along(along(cells, 1, nColumns, nRows, nColumns), nColumns, nRows, nColumns, 1);
}

const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/**
 * The lines around the cells of a window that are 1, each as its corners. Cells that touch at a corner only are apart:
 *
 *     ┌───┐          ┌───┐
 *     │ a │          │ a │┌───┐     edges run clockwise around what they hold, so that holes run the other way and
 *     └───┼───┐  ►   └───┘│ b │     a path of all rings leaves them free
 *         │ b │           └───┘
 *         └───┘
 */
export function ringsOf({ column0, row0, nColumns, nRows }: CellWindow, cells: Uint8Array): Ring[] {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= nColumns || y >= nRows ? 0 : cells[x + y * nColumns]!);
  const width = nColumns + 1;
  /** For each corner a bit for each direction in which an edge leaves it. */
  const leaving = new Uint8Array(width * (nRows + 1));
  for (let y = 0; y < nRows; y++) {
    for (let x = 0; x < nColumns; x++) {
      if (!at(x, y)) continue;
      if (!at(x, y - 1)) leaving[x + y * width]! |= 1;
      if (!at(x + 1, y)) leaving[x + 1 + y * width]! |= 2;
      if (!at(x, y + 1)) leaving[x + 1 + (y + 1) * width]! |= 4;
      if (!at(x - 1, y)) leaving[x + (y + 1) * width]! |= 8;
    }
  }
  const rings: Ring[] = [];
  for (let corner = 0; corner < leaving.length; corner++) {
    while (leaving[corner]) rings.push(ringFrom(corner, leaving, width, column0, row0));
  }
  return rings;
}

function ringFrom(start: number, leaving: Uint8Array, width: number, column0: number, row0: number): Ring {
  const ring: Ring = [];
  let corner = start;
  let direction = Math.log2(leaving[start]! & -leaving[start]!);
  const first = direction;
  do {
    leaving[corner]! &= ~(1 << direction);
    corner += STEPS[direction]![0] + STEPS[direction]![1] * width;
    // Where two edges leave a corner, the one to the right stays with the same cell.
    const next =
      corner === start && !leaving[corner]
        ? first
        : [1, 0, 3].map((turn) => (direction + turn) % 4).find((one) => leaving[corner]! & (1 << one));
    if (next === undefined) break;
    if (next !== direction) ring.push(column0 + (corner % width), row0 + Math.floor(corner / width));
    direction = next;
    if (corner === start && direction === first) break;
  } while (leaving[corner]);
  return ring;
}

/** A ring as a path with round corners, in pixels; `toPx` takes columns and rows to the screen. */
export function roundedPath(ring: Ring, toPx: (x: number, y: number) => { x: number; y: number }, radiusPx: number): string {
  const points = pointsOf(ring).map(([x, y]) => toPx(x, y));
  const n = points.length;
  let path = "";
  for (let index = 0; index < n; index++) {
    const [before, here, after] = [points[(index + n - 1) % n]!, points[index]!, points[(index + 1) % n]!];
    const from = towards(here, before, radiusPx);
    const to = towards(here, after, radiusPx);
    path += `${path ? "L" : "M"}${text(from)}Q${text(here)} ${text(to)}`;
  }
  return path && `${path}Z`;
}

/** A ring as a smooth path without the steps of its cells. */
export function smoothPath(ring: Ring, toPx: (x: number, y: number) => { x: number; y: number }, nRounds: number): string {
  let points = unitSteps(pointsOf(ring));
  for (let round = 0; round < nRounds; round++) {
    points = points.map(([x, y], index) => {
      const [before, after] = [points.at(index - 1)!, points[(index + 1) % points.length]!];
      return [(before[0] + 2 * x + after[0]) / 4, (before[1] + 2 * y + after[1]) / 4];
    });
  }
  const shown = points.map(([x, y]) => toPx(x, y));
  const middle = (index: number) => {
    const [a, b] = [shown[index % shown.length]!, shown[(index + 1) % shown.length]!];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  let path = shown.length > 0 ? `M${text(middle(shown.length - 1))}` : "";
  for (const [index, point] of shown.entries()) path += `Q${text(point)} ${text(middle(index))}`;
  return path && `${path}Z`;
}

type Corner = [x: number, y: number];

function pointsOf(ring: Ring): Corner[] {
  return Array.from({ length: ring.length / 2 }, (_, at): Corner => [ring[2 * at]!, ring[2 * at + 1]!]);
}

/** The corners of a ring and what lies between them, a cell apart. */
function unitSteps(corners: readonly Corner[]): Corner[] {
  return corners.flatMap(([x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % corners.length]!;
    const n = Math.max(Math.abs(nextX - x), Math.abs(nextY - y));
    return Array.from({ length: n }, (_, at): Corner => [x + ((nextX - x) * at) / n, y + ((nextY - y) * at) / n]);
  });
}

function towards(from: { x: number; y: number }, to: { x: number; y: number }, radiusPx: number): { x: number; y: number } {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(0.5, radiusPx / length);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function text({ x, y }: { x: number; y: number }): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
