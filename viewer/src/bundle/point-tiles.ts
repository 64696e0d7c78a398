import { AtlasError } from "./errors";
import type { Extent } from "./model";
import type { TileId } from "./tile-cache";

const RECORD_BYTES = 20;
const LARGEST_LEVEL = 16;
/** Steps across a tile in which places are stored. */
export const STEPS = 65_536;

/** A tile of an additive quadtree: it holds some of the points of its square, a fair sample, and the tiles below it the others. */
export interface PointTile extends TileId {
  /** Its number in the directory. */
  index: number;
  /** Its rows are `start` … `start + n` − 1. */
  start: number;
  n: number;
  /** Points of this tile and of all below it. */
  nAll: number;
}

/** All tiles of a map's points, in the order of their rows. */
export class TileDirectory {
  private readonly numbers = new Map<number, number>();

  constructor(readonly tiles: readonly PointTile[]) {
    for (const { index, z, tx, ty } of tiles) this.numbers.set(placeNumber(z, tx, ty), index);
  }

  get root(): PointTile {
    return this.tiles[0]!;
  }

  childrenOf({ z, tx, ty }: TileId): PointTile[] {
    const children: PointTile[] = [];
    for (const [right, down] of QUARTERS) {
      const index = this.numbers.get(placeNumber(z + 1, 2 * tx + right, 2 * ty + down));
      if (index !== undefined) children.push(this.tiles[index]!);
    }
    return children;
  }

  /** The tile that holds a row; undefined where there is no such row. */
  ofRow(row: number): PointTile | undefined {
    let low = 0;
    let high = this.tiles.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tiles[middle]!.start <= row) low = middle;
      else high = middle - 1;
    }
    const tile = this.tiles[low];
    return tile && row >= tile.start && row < tile.start + tile.n ? tile : undefined;
  }
}

const QUARTERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** Reads the records of `tiles.bin`; refuses what does not describe the rows of the map. */
export function directoryFrom(bytes: Uint8Array, nRows: number): TileDirectory {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tiles: PointTile[] = [];
  let next = 0;
  for (let at = 0; at + RECORD_BYTES <= bytes.byteLength; at += RECORD_BYTES) {
    const z = view.getUint8(at);
    const tile = {
      index: tiles.length,
      z,
      tx: view.getUint16(at + 2, true),
      ty: view.getUint16(at + 4, true),
      start: view.getUint32(at + 8, true),
      n: view.getUint32(at + 12, true),
      nAll: view.getUint32(at + 16, true),
    };
    if (tile.start !== next || z > LARGEST_LEVEL || tile.nAll < tile.n || (tiles.length === 0 && z !== 0)) throw unreadable();
    next += tile.n;
    tiles.push(tile);
  }
  if (tiles.length === 0 || bytes.byteLength % RECORD_BYTES !== 0 || next !== nRows) throw unreadable();
  return new TileDirectory(tiles);
}

function unreadable(): AtlasError {
  return new AtlasError(
    "The directory of the points does not fit the map.",
    "The atlas may be half copied: copy or build it again.",
  );
}

/** The square that a tile covers. */
export function tileSquare(extent: Extent, { z, tx, ty }: TileId): Extent {
  const size = extent.size / 2 ** z;
  return { x0: extent.x0 + tx * size, y0: extent.y0 + ty * size, size };
}

/** The layout point of a place that is stored in steps from a tile's corner. */
export function placeIn(square: Extent, u: number, v: number): { x: number; y: number } {
  const step = square.size / STEPS;
  return { x: square.x0 + (u + 0.5) * step, y: square.y0 + (v + 0.5) * step };
}

function placeNumber(z: number, tx: number, ty: number): number {
  return (z * STEPS + ty) * STEPS + tx;
}
