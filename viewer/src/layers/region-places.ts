import type { MapData } from "../bundle/map-data";
import { type PointTile, placeIn, tileSquare } from "../bundle/point-tiles";
import { type Projection, seenBox } from "../state/camera";
import type { RegionId } from "../state/hash";
import { choiceWithin } from "../state/tile-choice";

/** Places of some rows of a map, and which of them lie in a region. */
export interface RegionPlaces {
  /** (2 · n) x and y in layout units. */
  xy: Float32Array;
  /** (n) 1 for each in the region. */
  isIn: Uint8Array;
}

/** So many points of a tiled map are enough to tell where its regions lie, as near as one looks. */
const MOST_POINTS = 120_000;
const MOST_KEPT_TILES = 60;
const MOST_READING = 4;

/** Reads where all rows of a map lie, and which of them are of a region; null where the atlas does not say. */
export async function readRegionPlaces(data: MapData, { level, region }: RegionId): Promise<RegionPlaces | null> {
  const [codes, { xy }] = await Promise.all([data.regionCodes(level), data.positions()]);
  return codes && { xy, isIn: Uint8Array.from(codes, (code) => Number(code === region)) };
}

/** The same of a tiled map, from the tiles that make up a fair sample of what the screen shows. */
export class TiledRegionPlaces {
  private readonly read = new Map<number, RegionPlaces>();
  private readonly reading = new Set<number>();
  /** Tiles that could not be read; they are not asked for again. */
  private readonly failed = new Set<number>();
  private hasFailed = false;
  private isInRegion: Uint8Array | null = null;
  private tiles: PointTile[] = [];
  private all: RegionPlaces | null = null;

  constructor(
    private readonly data: MapData,
    private readonly id: RegionId,
    private readonly onArrival: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get isReading(): boolean {
    return this.reading.size > 0;
  }

  /** Where the rows lie whose tiles have come; null while none have, or where the atlas does not say. */
  seen(projection: Projection): RegionPlaces | null {
    if (this.data.map.points.region === null) return null;
    void this.choose(projection).catch((error) => this.fail(error));
    return this.all;
  }

  private async choose(projection: Projection): Promise<void> {
    const { data } = this;
    const [directory, regions] = await Promise.all([data.directory(), data.regions()]);
    const { extent, bounds } = data.map;
    this.isInRegion ??= membersOf(
      regions.map((level) => level.map(({ parent }) => parent)),
      this.id,
    );
    const { shares } = choiceWithin({ directory, extent, bounds }, seenBox(projection), MOST_POINTS);
    this.tiles = shares.map(({ tile }) => tile);
    for (const tile of this.tiles) if (!this.read.has(tile.index) && !this.failed.has(tile.index)) this.readTile(tile);
  }

  private readTile(tile: PointTile): void {
    if (this.reading.has(tile.index) || this.reading.size >= MOST_READING) return;
    this.reading.add(tile.index);
    const path = this.data.map.points.region!;
    Promise.all([this.data.tilePlaces(tile), this.data.tileCodes(tile, { path, nBytes: 2 })])
      .then(([places, codes]) => {
        const square = tileSquare(this.data.map.extent, tile);
        const xy = new Float32Array(2 * tile.n);
        for (let row = 0; row < tile.n; row++) {
          const { x, y } = placeIn(square, places[2 * row]!, places[2 * row + 1]!);
          xy[2 * row] = x;
          xy[2 * row + 1] = y;
        }
        this.keep(tile, { xy, isIn: Uint8Array.from(codes, (code) => this.isInRegion![code] ?? 0) });
      })
      .catch((error) => {
        this.failed.add(tile.index);
        this.fail(error);
      })
      .finally(() => {
        this.reading.delete(tile.index);
        this.onArrival();
      });
  }

  /** What cannot be read is told once; the rest goes on. */
  private fail(error: unknown): void {
    if (!this.hasFailed) this.onFailure(error);
    this.hasFailed = true;
  }

  private keep(tile: PointTile, places: RegionPlaces): void {
    this.read.set(tile.index, places);
    const needed = new Set(this.tiles.map(({ index }) => index));
    for (const index of this.read.keys()) {
      if (this.read.size <= MOST_KEPT_TILES) break;
      if (!needed.has(index)) this.read.delete(index);
    }
    this.all = together([...this.read.values()]);
  }
}

/** For each region of the finest level, 1 where it lies in a region of any level. */
export function membersOf(parents: readonly (readonly number[])[], { level, region }: RegionId): Uint8Array {
  let members = Uint8Array.from(parents[level] ?? [], (_, number) => Number(number === region));
  for (let finer = level + 1; finer < parents.length; finer++) {
    const above = members;
    members = Uint8Array.from(parents[finer]!, (parent) => above[parent] ?? 0);
  }
  return members;
}

function together(parts: readonly RegionPlaces[]): RegionPlaces {
  const n = parts.reduce((sum, { isIn }) => sum + isIn.length, 0);
  const all = { xy: new Float32Array(2 * n), isIn: new Uint8Array(n) };
  let at = 0;
  for (const { xy, isIn } of parts) {
    all.xy.set(xy, 2 * at);
    all.isIn.set(isIn, at);
    at += isIn.length;
  }
  return all;
}
