import type { Positions } from "../bundle/columns";
import type { Extent } from "../bundle/model";

const POINTS_PER_BUCKET = 8;

/** A point that was found, by its number, and how far it is. */
export interface FoundPoint {
  index: number;
  distance: number;
}

/** Finds the point nearest to a place: the points sorted into square buckets over a square, once. */
export class NearestPoint {
  private readonly side: number;
  private readonly starts: Uint32Array;
  private readonly points: Uint32Array;

  constructor(
    /** (2 · n) x, y pairs. */
    private readonly xy: ArrayLike<number>,
    private readonly square: Extent,
  ) {
    const n = xy.length >> 1;
    this.side = Math.max(1, Math.ceil(Math.sqrt(n / POINTS_PER_BUCKET)));
    this.starts = new Uint32Array(this.side * this.side + 1);
    this.points = new Uint32Array(n);
    this.sort(n);
  }

  /** The point nearest to (x, y) within `reach`, or null; only of the first `nFirst`, and of those that a mask keeps where one is given. */
  find(
    x: number,
    y: number,
    reach: number,
    mask: Uint8Array | null = null,
    nFirst = Number.POSITIVE_INFINITY,
  ): FoundPoint | null {
    const { xy, side, square } = this;
    const low = { column: this.bucketAt(x - reach, square.x0), row: this.bucketAt(y - reach, square.y0) };
    const high = { column: this.bucketAt(x + reach, square.x0), row: this.bucketAt(y + reach, square.y0) };
    let best = reach * reach;
    let found: number | null = null;
    for (let row = low.row; row <= high.row; row++) {
      for (let at = this.starts[row * side + low.column]!; at < this.starts[row * side + high.column + 1]!; at++) {
        const index = this.points[at]!;
        if (index >= nFirst || mask?.[index] === 0) continue;
        const distance = (xy[index * 2]! - x) ** 2 + (xy[index * 2 + 1]! - y) ** 2;
        if (distance <= best) {
          best = distance;
          found = index;
        }
      }
    }
    return found === null ? null : { index: found, distance: Math.sqrt(best) };
  }

  /** The point nearest to (x, y), however far it is, of those that a mask keeps where one is given; null only where there are none. */
  findAnywhere(x: number, y: number, mask: Uint8Array | null = null): FoundPoint | null {
    const { size } = this.square;
    for (let reach = size / this.side; reach < 4 * size; reach *= 2) {
      const found = this.find(x, y, reach, mask);
      if (found !== null) return found;
    }
    return null;
  }

  private sort(n: number): void {
    const { xy, square, side } = this;
    const bucketOf = new Uint32Array(n);
    for (let index = 0; index < n; index++) {
      const bucket = this.bucketAt(xy[index * 2 + 1]!, square.y0) * side + this.bucketAt(xy[index * 2]!, square.x0);
      bucketOf[index] = bucket;
      this.starts[bucket + 1]!++;
    }
    for (let bucket = 0; bucket < side * side; bucket++) this.starts[bucket + 1]! += this.starts[bucket]!;
    const next = this.starts.slice();
    for (let index = 0; index < n; index++) this.points[next[bucketOf[index]!]!++] = index;
  }

  private bucketAt(value: number, low: number): number {
    return Math.min(this.side - 1, Math.max(0, Math.floor(((value - low) / this.square.size) * this.side)));
  }
}

/** The k items nearest on the map to the item of a row, near to far, itself left out. */
export function nearestOnMap({ xy, item }: Positions, row: number, k: number): number[] {
  const near: { distance: number; item: number }[] = [];
  const x = xy[row * 2]!;
  const y = xy[row * 2 + 1]!;
  for (let other = 0; other < item.length; other++) {
    const distance = (xy[other * 2]! - x) ** 2 + (xy[other * 2 + 1]! - y) ** 2;
    if (other === row || (near.length >= k && distance >= near[near.length - 1]!.distance)) continue;
    if (near.length >= k) near.pop();
    let at = near.length;
    while (at > 0 && near[at - 1]!.distance > distance) at--;
    near.splice(at, 0, { distance, item: item[other]! });
  }
  return near.map((one) => one.item);
}

/** Whether any item lies in a box of the layout. */
export function isAnyIn({ xy }: Positions, low: { x: number; y: number }, high: { x: number; y: number }): boolean {
  for (let at = 0; at < xy.length; at += 2) {
    const x = xy[at]!;
    const y = xy[at + 1]!;
    if (x >= low.x && x <= high.x && y >= low.y && y <= high.y) return true;
  }
  return false;
}

/** How far an item is from another on the map: which of the nearest it is there, from 1, and the distance in layout units. */
export interface Standing {
  rank: number;
  distance: number;
}

/** Where some rows stand among the nearest on the map to a row; every row that is nearer counts, exactly. */
export function standingsOf({ xy }: Positions, row: number, others: readonly number[]): Standing[] {
  const x = xy[row * 2]!;
  const y = xy[row * 2 + 1]!;
  const squareOf = (other: number) => (xy[other * 2]! - x) ** 2 + (xy[other * 2 + 1]! - y) ** 2;
  const order = others.map((_, at) => at).sort((a, b) => squareOf(others[a]!) - squareOf(others[b]!));
  const limits = order.map((at) => squareOf(others[at]!));
  const nearer = new Uint32Array(limits.length + 1); // rows by the first limit that they fall below
  const largest = limits.at(-1) ?? 0;
  for (let other = 0; other * 2 < xy.length; other++) {
    const square = squareOf(other);
    if (other === row || square >= largest) continue;
    let at = limits.length;
    while (at > 0 && square < limits[at - 1]!) at--;
    nearer[at]!++;
  }
  const standings = new Array<Standing>(others.length);
  let below = 0;
  for (const [at, index] of order.entries()) {
    below += nearer[at]!;
    standings[index] = { rank: below + 1, distance: Math.sqrt(limits[at]!) };
  }
  return standings;
}
