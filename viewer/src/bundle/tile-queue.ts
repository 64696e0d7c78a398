import type { PointTile } from "./point-tiles";

/** What is read of a tile: its places, or the codes of a column. */
export interface TileWish {
  file: string;
  tile: PointTile;
}

/** Tiles of one file that one request brings: their rows follow each other, but for short gaps. */
export interface TileRun {
  file: string;
  tiles: PointTile[];
}

const MAX_RUNS = 6;
const MAX_RUN_ROWS = 130_000;
const MAX_GAP_ROWS = 4_000;
/** What could not be read is tried again when it has been wanted for so long. */
const TRY_AGAIN_MS = 15_000;

/** Reads what is wanted of tiles: few requests at a time, in the order of the wishes, giving up those that are wanted no more. */
export class TileQueue {
  private readonly running = new Map<TileRun, AbortController>();
  private readonly busy = new Set<string>();
  private readonly failedUntil = new Map<string, number>();
  /** Tiles that are read by themselves, since one of their run could not be. */
  private readonly alone = new Set<string>();
  private wishes: readonly TileWish[] = [];

  constructor(
    private readonly load: (run: TileRun, signal: AbortSignal) => Promise<void>,
    private readonly onArrival: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get isLoading(): boolean {
    return this.running.size > 0;
  }

  /** Whether something could not be read a short while ago. */
  hasFailed(wish: TileWish): boolean {
    return this.failedUntil.has(keyOf(wish));
  }

  /** Says anew what is wanted, the most wanted first. */
  want(wishes: readonly TileWish[], nowMs = performance.now()): void {
    for (const [key, until] of this.failedUntil) if (until <= nowMs) this.failedUntil.delete(key);
    this.wishes = wishes;
    const wanted = new Set(wishes.map(keyOf));
    for (const [run, controller] of this.running) {
      if (!run.tiles.some((tile) => wanted.has(keyOf({ file: run.file, tile })))) controller.abort();
    }
    this.start();
  }

  end(): void {
    this.wishes = [];
    for (const controller of this.running.values()) controller.abort();
  }

  private start(): void {
    while (this.running.size < MAX_RUNS) {
      const open = this.wishes.filter((wish) => !this.busy.has(keyOf(wish)) && !this.failedUntil.has(keyOf(wish)));
      const run = firstRun(open, (wish) => this.alone.has(keyOf(wish)));
      if (!run) return;
      void this.read(run);
    }
  }

  private async read(run: TileRun): Promise<void> {
    const controller = new AbortController();
    const keys = run.tiles.map((tile) => keyOf({ file: run.file, tile }));
    this.running.set(run, controller);
    for (const key of keys) this.busy.add(key);
    try {
      await this.load(run, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) this.setAside(keys, error);
    }
    // What has not come is wanted again by whoever hears of the arrival of the rest.
    this.wishes = this.wishes.filter((wish) => !keys.includes(keyOf(wish)));
    this.running.delete(run);
    for (const key of keys) this.busy.delete(key);
    this.start();
    this.onArrival();
  }

  /** One bad tile must not hide its neighbors: they are tried one by one before any of them is given up. */
  private setAside(keys: readonly string[], error: unknown): void {
    if (keys.length > 1) {
      for (const key of keys) this.alone.add(key);
      return;
    }
    this.failedUntil.set(keys[0]!, performance.now() + TRY_AGAIN_MS);
    this.onFailure(error);
  }
}

/** The most wanted tile, and others that are wanted and lie beside it in the file. */
export function firstRun(wishes: readonly TileWish[], isAlone: (wish: TileWish) => boolean = () => false): TileRun | null {
  const [first] = wishes;
  if (!first) return null;
  // The root shows the whole map, so nothing shall hold it up.
  if (first.tile.z === 0 || isAlone(first)) return { file: first.file, tiles: [first.tile] };
  const others = wishes.filter((wish) => wish.file === first.file && !isAlone(wish)).map(({ tile }) => tile);
  const inOrder = others.sort((a, b) => a.start - b.start);
  let low = inOrder.indexOf(first.tile);
  let high = low;
  const rows = (from: number, to: number) => inOrder[to]!.start + inOrder[to]!.n - inOrder[from]!.start;
  const isNear = (left: number, right: number) =>
    inOrder[right]!.start - (inOrder[left]!.start + inOrder[left]!.n) <= MAX_GAP_ROWS;
  for (let grows = true; grows; ) {
    grows = false;
    if (high + 1 < inOrder.length && isNear(high, high + 1) && rows(low, high + 1) <= MAX_RUN_ROWS) {
      high++;
      grows = true;
    }
    if (low > 0 && isNear(low - 1, low) && rows(low - 1, high) <= MAX_RUN_ROWS) {
      low--;
      grows = true;
    }
  }
  return { file: first.file, tiles: inOrder.slice(low, high + 1) };
}

function keyOf({ file, tile }: TileWish): string {
  return `${tile.index} ${file}`;
}
