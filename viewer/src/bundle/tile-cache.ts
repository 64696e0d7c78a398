/**
 * Tiles by level and place, the least recently used dropped first when their bytes exceed the budget.
 *
 * A tile that is not there yet is stood in for by its nearest ancestor that is: the part of it that covers the tile.
 *
 *      level 1          level 2 (wanted)
 *     ┌─────────┐      ┌────┬────┐
 *     │  a      │      │ ·  │ b  │    "·" is missing: the upper left quarter of a
 *     │         │  →   ├────┼────┤    stands in for it until it arrives
 *     └─────────┘      └────┴────┘
 */
export interface TileId {
  z: number;
  tx: number;
  ty: number;
}

/** Where a tile's picture comes from: `tile` itself, or the square [u, u + span) × [v, v + span) of an ancestor. */
export interface StandIn<T> {
  tile: T;
  u: number;
  v: number;
  span: number;
}

interface Entry<T> {
  tile: T;
  nBytes: number;
}

export class TileCache<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private usedBytes = 0;

  constructor(
    private readonly budgetBytes: number,
    private readonly onDrop: (tile: T) => void = () => {},
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get nBytes(): number {
    return this.usedBytes;
  }

  /** Returns the tile and marks it as used now. */
  get(id: TileId): T | undefined {
    const key = tileKey(id);
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.tile;
  }

  put(id: TileId, tile: T, nBytes: number): void {
    this.drop(tileKey(id));
    this.entries.set(tileKey(id), { tile, nBytes });
    this.usedBytes += nBytes;
    for (const key of this.entries.keys()) {
      if (this.usedBytes <= this.budgetBytes || this.entries.size === 1) break;
      this.drop(key);
    }
  }

  /** The nearest ancestor that is here, and which part of it covers the tile. */
  standIn(id: TileId): StandIn<T> | undefined {
    for (let up = 1; up <= id.z; up++) {
      const n = 2 ** up;
      const tile = this.get({ z: id.z - up, tx: Math.floor(id.tx / n), ty: Math.floor(id.ty / n) });
      if (tile !== undefined) return { tile, u: (id.tx % n) / n, v: (id.ty % n) / n, span: 1 / n };
    }
    return undefined;
  }

  clear(): void {
    for (const key of [...this.entries.keys()]) this.drop(key);
  }

  private drop(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.usedBytes -= entry.nBytes;
    this.onDrop(entry.tile);
  }
}

export function tileKey({ z, tx, ty }: TileId): string {
  return `${z}/${tx}/${ty}`;
}
