import { drawnFile } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import { type PointTile, placeIn, STEPS, type TileDirectory, tileSquare } from "../bundle/point-tiles";
import { TileCache } from "../bundle/tile-cache";
import { TileQueue, type TileRun, type TileWish } from "../bundle/tile-queue";
import { type Projection, seenBox } from "../state/camera";
import { type Palette, POINT_OPACITY } from "../state/point-colors";
import { choiceWithin, crowdIn, type TileChoice, type TileShare } from "../state/tile-choice";
import { NearestPoint } from "./nearest";
import type { Place } from "./places";
import { type CodesWish, type Coloring, type PointSource, type PointsFrame, strengthsOf } from "./point-source";
import type { DrawnBatch, PointBatch } from "./points";

/** Here and on the graphics card, with what picking and colors add. */
const BUDGET_BYTES = 160_000_000;
const BYTES_PER_POINT = 20;
const PLACES = "places";
/** So much around the screen is drawn, too. */
const MARGIN_PX = 8;
/** Where most points lie in more layers than this, they let each other show through. */
const LAYERS = 0.75;
/** More layers than this tell no more, so fewer points are drawn where there are many. */
const MOST_LAYERS = 10;
const FEW = 200_000;
const SAMPLE_ROWS = 16_384;
/** Squares of this width are looked at for how densely points lie. */
const CROWD_PX = 48;

/** A tile that is here. */
interface Resident {
  tile: PointTile;
  batch: PointBatch;
  /** What its codes are of; null while it has none. */
  codesOf: string | null;
  /** Which sifting its strengths are of. */
  sifting: number;
  /** Its points by place, once they were looked for. */
  search: NearestPoint | null;
}

/** The points of a large map: the tiles that the screen needs, read when they are needed and dropped when others are. */
export class TiledPoints implements PointSource {
  onForgotten = (_batch: PointBatch): void => {};
  private directory: TileDirectory | null = null;
  private isReadingDirectory = false;
  private readonly tiles: TileCache<Resident>;
  private readonly queue: TileQueue;
  private coloring: Coloring | null = null;
  private kept: Uint8Array | null = null;
  private picked: Uint8Array | null = null;
  /** Grows with every change of what is kept or picked. */
  private siftings = 0;
  /** The share of points that the filters keep, by a fair sample. */
  private keptShare = 1;
  look = 0;
  private version = 0;
  private rates: { now: number | null; resting: number | null } = { now: null, resting: null };
  /** What was drawn last: what can be pointed at. */
  private shares: TileShare[] = [];
  private isWhole = false;
  private hasFailed = false;

  constructor(
    private readonly data: MapData,
    private readonly onChange: () => void,
    private readonly onFailure: (error: unknown) => void,
    budgetBytes = BUDGET_BYTES,
  ) {
    this.tiles = new TileCache(budgetBytes, (resident) => this.onForgotten(resident.batch));
    this.queue = new TileQueue(
      (run, signal) => this.load(run, signal),
      () => {
        this.version++;
        this.onChange();
      },
      (error) => this.fail(error),
    );
  }

  get isLoading(): boolean {
    return this.isReadingDirectory || this.queue.isLoading;
  }

  /** Whether every tile that should be drawn is here. */
  get isComplete(): boolean {
    return this.isWhole;
  }

  frame(projection: Projection, budget: { now: number; resting: number }, radiusPx: number): PointsFrame | null {
    const { directory } = this;
    if (!directory) {
      this.readDirectory();
      return null;
    }
    const box = seenBox(projection, MARGIN_PX);
    const { extent, bounds } = this.data.map;
    const map = { directory, extent, bounds };
    const { nPoints, perArea } = crowdIn(map, box, CROWD_PX / projection.pxPerUnit);
    const layers = (perArea / projection.pxPerUnit ** 2) * Math.PI * radiusPx ** 2 * this.keptShare;
    const highest = Math.min(1, Math.max(MOST_LAYERS / layers, FEW / nPoints));
    const resting = choiceWithin(map, box, budget.resting, highest, this.rates.resting);
    const choice = budget.now < budget.resting ? choiceWithin(map, box, budget.now, highest, this.rates.now) : resting;
    this.rates = { now: choice.rate, resting: resting.rate };
    this.ask(resting, projection);
    const nLayers = Math.min(MOST_LAYERS, Math.max(LAYERS, layers * choice.rate));
    return this.frameOf(choice, (POINT_OPACITY * LAYERS) / nLayers);
  }

  color(coloring: Coloring): void {
    if (coloring === this.coloring) return;
    this.coloring = coloring;
    this.look++;
  }

  sift(kept: Uint8Array | null, picked: Uint8Array | null): void {
    if (kept === this.kept && picked === this.picked) return;
    this.kept = kept;
    this.picked = picked;
    this.siftings++;
    this.look++;
    this.keptShare = kept ? shareOf(kept.subarray(0, SAMPLE_ROWS)) : 1;
  }

  end(): void {
    this.queue.end();
  }

  /** The place of an item of a tile that is here. */
  placeOf(item: number): Place | undefined {
    const tile = this.directory?.ofRow(item);
    const resident = tile && this.tiles.get(tile);
    if (!tile || !resident) return undefined;
    const row = item - tile.start;
    return placeIn(tileSquare(this.data.map.extent, tile), resident.batch.places[2 * row]!, resident.batch.places[2 * row + 1]!);
  }

  /** The item of the drawn point nearest to a place within reach, of those that the filters keep. */
  nearest(x: number, y: number, reach: number): number | null {
    let best: { item: number; distance: number } | null = null;
    for (const { tile, n } of this.shares) {
      const { x0, y0, size } = tileSquare(this.data.map.extent, tile);
      const isBeside = x + reach < x0 || y + reach < y0 || x - reach > x0 + size || y - reach > y0 + size;
      const resident = isBeside ? undefined : this.tiles.get(tile);
      if (!resident) continue;
      const step = size / STEPS;
      const found = this.searchOf(resident).find(
        (x - x0) / step - 0.5,
        (y - y0) / step - 0.5,
        (best?.distance ?? reach) / step,
        this.kept?.subarray(tile.start, tile.start + tile.n) ?? null,
        n,
      );
      if (found) best = { item: tile.start + found.index, distance: found.distance * step };
    }
    return best?.item ?? null;
  }

  /** The item of the point nearest to a place among the tiles that were drawn last, or of the first tile. */
  nearestAnywhere(x: number, y: number): number | null {
    const { size } = this.data.map.extent;
    for (let reach = size / 1_024; reach < 4 * size; reach *= 2) {
      const found = this.nearest(x, y, reach);
      if (found !== null) return found;
    }
    const root = this.directory && this.tiles.get(this.directory.root);
    if (!root) return null;
    const square = tileSquare(this.data.map.extent, root.tile);
    const step = square.size / STEPS;
    const found = this.searchOf(root).findAnywhere((x - square.x0) / step, (y - square.y0) / step);
    return found && root.tile.start + found.index;
  }

  /** Whether a drawn point is on the screen; true while tiles are missing. */
  areOnScreen(projection: Projection, marginPx: number): boolean {
    if (!this.directory || !this.isWhole) return true;
    const seen = seenBox(projection, marginPx);
    return this.shares.some(({ tile, n }) => {
      const resident = this.tiles.get(tile);
      const { x0, y0, size } = tileSquare(this.data.map.extent, tile);
      if (!resident) return false;
      if (x0 >= seen.x0 && y0 >= seen.y0 && x0 + size <= seen.x1 && y0 + size <= seen.y1) return true;
      return isAnyWithin(
        resident.batch.places,
        n,
        [seen.x0 - x0, seen.y0 - y0, seen.x1 - x0, seen.y1 - y0].map((at) => (at / size) * STEPS),
      );
    });
  }

  private frameOf(choice: TileChoice, opacity: number): PointsFrame {
    const drawn: DrawnBatch[] = [];
    this.shares = [];
    let nDrawn = 0;
    let isAbout = false;
    for (const share of choice.shares) {
      const resident = this.tiles.get(share.tile);
      if (!resident) continue;
      this.dress(resident);
      drawn.push({ batch: resident.batch, n: share.n });
      this.shares.push(share);
      nDrawn += share.n * share.seen;
      isAbout ||= share.seen < 1;
    }
    this.isWhole = drawn.length === choice.shares.length;
    return {
      drawn,
      palette: this.coloring?.palette ?? NO_COLOR,
      nDrawn: Math.round(nDrawn),
      nInView: Math.round(choice.nInView),
      isAbout,
      opacity,
      version: this.version,
    };
  }

  /** Gives a tile its codes and strengths as they stand now. */
  private dress(resident: Resident): void {
    const { tile, batch } = resident;
    if (resident.codesOf !== this.coloring?.key) {
      batch.codes = null;
      resident.codesOf = this.coloring?.codes ? null : (this.coloring?.key ?? null);
    }
    if (resident.sifting === this.siftings) return;
    resident.sifting = this.siftings;
    batch.strengths = strengthsOf(this.kept, this.picked, tile.start, tile.n);
  }

  /** Asks for the tiles of a choice that are not here, coarse ones first, then those near the middle of the screen. */
  private ask(choice: TileChoice, projection: Projection): void {
    const { extent } = this.data.map;
    const { camera } = projection;
    const far = ({ tile }: TileShare) => {
      const { x0, y0, size } = tileSquare(extent, tile);
      return Math.hypot(x0 + size / 2 - camera.x, y0 + size / 2 - camera.y);
    };
    const root = { file: PLACES, tile: this.directory!.root };
    if (root.tile.n > 0 && !this.tiles.get(root.tile) && !this.queue.hasFailed(root)) {
      this.queue.want([root]); // it shows the whole map at once: nothing else shall hold it up
      return;
    }
    const inOrder = [...choice.shares].sort((a, b) => a.tile.z - b.tile.z || far(a) - far(b));
    const wishes: TileWish[] = [];
    for (const { tile } of inOrder) {
      const resident = this.tiles.get(tile);
      if (!resident) wishes.push({ file: PLACES, tile });
      else if (this.coloring?.codes && resident.codesOf !== this.coloring.key) wishes.push({ file: this.coloring.key, tile });
    }
    this.queue.want(wishes);
  }

  private async load({ file, tiles }: TileRun, signal: AbortSignal): Promise<void> {
    const { coloring } = this;
    const wish = file === PLACES ? null : coloring?.codes;
    if (file !== PLACES && file !== coloring?.key) return;
    const read = await Promise.allSettled(
      tiles.map(async (tile) => {
        if (!wish) this.keep(tile, await this.data.tilePlaces(tile, signal));
        else {
          const codes = await this.data.tileCodes(tile, this.fileOf(wish), signal);
          const resident = this.tiles.get(tile);
          if (!resident || coloring?.key !== this.coloring?.key) return;
          resident.batch.codes = codes;
          resident.codesOf = file;
        }
      }),
    );
    const failed = read.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }

  private keep(tile: PointTile, places: Uint16Array): void {
    const square = tileSquare(this.data.map.extent, tile);
    const step = square.size / STEPS;
    const origin = placeIn(square, 0, 0);
    const batch: PointBatch = { n: tile.n, places, x0: origin.x, y0: origin.y, step, codes: null, strengths: null };
    this.tiles.put(tile, { tile, batch, codesOf: null, sifting: -1, search: null }, BYTES_PER_POINT * tile.n);
  }

  private fileOf(wish: CodesWish): { path: string; nBytes: 1 | 2 } {
    const { map } = this.data;
    if (wish.kind === "column") return drawnFile(map.colors.find(({ name }) => name === wish.name)!);
    return { path: (wish.which === "false" ? map.points.trustFalse : map.points.trustMissing)!, nBytes: 1 };
  }

  private searchOf(resident: Resident): NearestPoint {
    resident.search ??= new NearestPoint(resident.batch.places, { x0: 0, y0: 0, size: STEPS });
    return resident.search;
  }

  private readDirectory(): void {
    if (this.isReadingDirectory || this.hasFailed) return;
    this.isReadingDirectory = true;
    this.data
      .directory()
      .then((directory) => (this.directory = directory))
      .catch((error) => this.fail(error))
      .finally(() => {
        this.isReadingDirectory = false;
        this.version++;
        this.onChange();
      });
  }

  /** What cannot be read is told once; the rest goes on. */
  private fail(error: unknown): void {
    if (!this.hasFailed) this.onFailure(error);
    this.hasFailed = true;
  }
}

const NO_COLOR: Palette = [[128, 128, 128]];

/** The share of ones in a mask; never none, for nothing would then be as strong as can be. */
function shareOf(mask: Uint8Array): number {
  let n = 1;
  for (const one of mask) n += one;
  return Math.min(1, n / Math.max(1, mask.length));
}

function isAnyWithin(places: ArrayLike<number>, n: number, [x0, y0, x1, y1]: number[]): boolean {
  for (let at = 0; at < 2 * n; at += 2) {
    if (places[at]! >= x0! && places[at]! <= x1! && places[at + 1]! >= y0! && places[at + 1]! <= y1!) return true;
  }
  return false;
}
