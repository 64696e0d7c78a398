import { AtlasError } from "./errors";
import type { AtlasFiles } from "./files";
import type { MapData } from "./map-data";
import type { AtlasMap } from "./model";
import { MOST_SINGLES, WHOLE_ITEMS } from "./place-limits";

/** Whether two maps show the same items, so that one can stand beside the other. */
export function showSameItems(one: AtlasMap, other: AtlasMap): boolean {
  return one.id !== other.id && (one.setId === other.setId || one.rowsOn.has(other.id));
}

/** What to say of an item that could not be looked up on another map. */
export function notFoundBeside(error: unknown): AtlasError {
  if (error instanceof AtlasError) return error;
  return new AtlasError(`An item could not be found on the other map: ${String(error)}.`, "Reload the page.");
}

/** Says which items of one map are which of another. */
export interface Counterparts {
  /** The item there; undefined while it must be read first. */
  get(item: number): number | undefined;
  read(item: number): Promise<number>;
  /** Many items there; null where the map is too large to carry so many over. */
  many(items: ArrayLike<number>): Promise<ArrayLike<number> | null>;
  /** A mask over rows as one over the rows there; null where the map is too large. */
  mask(mask: Uint8Array): Promise<Uint8Array | null>;
  /** Whether any number of items can be carried over. */
  readonly canCarryAll: boolean;
}

/** Maps of one set call an item by the same number; each has rows of its own. */
export class SameSet implements Counterparts {
  readonly canCarryAll = true;

  constructor(
    private readonly here: MapData,
    private readonly there: MapData,
  ) {}

  get(item: number): number {
    return item;
  }

  async read(item: number): Promise<number> {
    return item;
  }

  async many(items: ArrayLike<number>): Promise<ArrayLike<number>> {
    return items;
  }

  async mask(mask: Uint8Array): Promise<Uint8Array> {
    const [here, there] = await Promise.all([this.here.positions(), this.there.positions()]);
    return Uint8Array.from(there.item, (item) => mask[here.rowOf[item]!] ?? 0);
  }
}

/** Tiled maps call an item by its row; a file says which row of the other map shows the same item. */
export class RowsOn implements Counterparts {
  private readonly known = new Map<number, number>();

  constructor(
    private readonly files: AtlasFiles,
    private readonly path: string,
    private readonly nItems: number,
  ) {}

  get canCarryAll(): boolean {
    return this.nItems <= WHOLE_ITEMS;
  }

  get(item: number): number | undefined {
    return this.known.get(item);
  }

  async read(item: number): Promise<number> {
    const known = this.known.get(item);
    if (known !== undefined) return known;
    const bytes = await this.files.span(this.path, 4 * item, 4);
    const row = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    this.known.set(item, row);
    return row;
  }

  async many(items: ArrayLike<number>): Promise<ArrayLike<number> | null> {
    if (items.length <= MOST_SINGLES) return Promise.all(Array.from(items, (item) => this.read(item)));
    const rows = await this.all();
    return rows && Uint32Array.from(items, (item) => rows[item]!);
  }

  async mask(mask: Uint8Array): Promise<Uint8Array | null> {
    const rows = await this.all();
    if (!rows) return null;
    const there = new Uint8Array(this.nItems);
    for (let row = 0; row < mask.length; row++) there[rows[row]!] = mask[row]!;
    return there;
  }

  private async all(): Promise<Uint32Array | null> {
    return this.canCarryAll ? new Uint32Array((await this.files.read(this.path)).buffer) : null;
  }
}
