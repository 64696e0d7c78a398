import type { FidelityFile, LabelsFile, RegionsFile, TokensRow } from "../contract/parts";
import { TileArchive } from "./archive";
import { Blocks } from "./blocks";
import { type Cell, decodeCells } from "./cells";
import { NO_ROW, type Positions, readBytes, readColors, readPositions, readRegionCodes, readTiledPositions } from "./columns";
import type { AtlasFiles } from "./files";
import { type Polygon, rowsInside } from "./inside";
import type { ItemsData } from "./items-data";
import { labelsFrom, regionsFrom } from "./manifest";
import type { AtlasMap, ColorColumn, FidelityCurve, ItemSet, MapLabel, Neighbors, Region, TokenSpan } from "./model";
import { neighborsFrom, recordBytes } from "./neighbors";
import { bitmapOf } from "./pictures";
import { directoryFrom, type PointTile, placeIn, type TileDirectory, tileSquare } from "./point-tiles";
import { Sheets } from "./sheets";
import { TileCache, type TileId } from "./tile-cache";
import { tiledRowsInside } from "./tiles-inside";
import { piecesOf, spansFrom, strongestOf } from "./tokens";

const CELLS_BUDGET_BYTES = 16_000_000;

/** Everything that one map holds, read when it is first asked for and kept. */
export class MapData {
  private readonly tileArchive: TileArchive | null;
  private readonly cellArchive: TileArchive | null;
  private readonly sheets: Sheets | null;
  private readonly tokenBlocks: Blocks | null;
  private readonly cells = new TileCache<Promise<Cell[]>>(CELLS_BUDGET_BYTES);
  private readonly kept = new Map<string, Promise<unknown>>();
  private readonly heldPlaces = new Map<number, WeakRef<Uint16Array>>();

  constructor(
    readonly map: AtlasMap,
    /** The items of its set, of which it may show only some. */
    readonly items: ItemsData,
    private readonly files: AtlasFiles,
  ) {
    const { collage, tokens } = map;
    this.tileArchive = collage && new TileArchive(files, collage.tiles);
    this.cellArchive = collage && new TileArchive(files, collage.cells);
    this.sheets = collage?.sheets ? new Sheets(files, collage.sheets, bitmapOf) : null;
    this.tokenBlocks = tokens && new Blocks(files, tokens.data, tokens.index);
  }

  get set(): ItemSet {
    return this.items.set;
  }

  /** Whether the set has items that the map does not show. */
  get isPart(): boolean {
    return this.map.nItems < this.set.nItems;
  }

  get pending(): number {
    return this.files.pending;
  }

  /** The picture of a collage tile: read as it is, or at the deeper levels put together from the sheets. */
  async tilePicture(id: TileId): Promise<ImageBitmap | null> {
    const { z, tx, ty } = id;
    if (this.sheets && z >= this.map.collage!.nTileLevels) return this.sheets.tile(await this.tileCells(id));
    const payload = await this.tileArchive!.tile(z, tx, ty);
    return payload && bitmapOf(new Uint8Array(payload));
  }

  /** The occupied cells of a collage tile. */
  tileCells(id: TileId): Promise<Cell[]> {
    const known = this.cells.get(id);
    if (known) return known;
    const reading = this.cellArchive!.tile(id.z, id.tx, id.ty).then((payload) =>
      payload ? decodeCells(payload, id.tx, id.ty) : [],
    );
    this.cells.put(id, reading, 8_000);
    return reading;
  }

  /** Whether the points are too many to be read whole. */
  get isTiled(): boolean {
    return this.map.points.tiles !== null;
  }

  /** The places of all items. Of a tiled map that is much to read, and only for what cannot do with less. */
  positions(): Promise<Positions> {
    return this.once("positions", async () =>
      this.isTiled
        ? readTiledPositions(this.files, this.map, await this.directory())
        : readPositions(this.files, this.map, this.set.nItems),
    );
  }

  /** The tiles of a tiled map. */
  directory(): Promise<TileDirectory> {
    const path = this.map.points.tiles!;
    return this.once(path, async () => directoryFrom(await this.files.readInflated(path), this.map.nItems));
  }

  /** The places of a tile's points: pairs of steps from its corner. Those that somebody still holds are not read again. */
  async tilePlaces({ index, start, n }: PointTile, signal?: AbortSignal): Promise<Uint16Array> {
    const held = this.heldPlaces.get(index)?.deref();
    if (held) return held;
    const places = new Uint16Array((await this.files.span(this.map.points.xy, 4 * start, 4 * n, signal)).buffer);
    this.heldPlaces.set(index, new WeakRef(places));
    return places;
  }

  /** One byte or two for each of a tile's points, from a file that holds so many for every row. */
  async tileCodes(
    { start, n }: PointTile,
    { path, nBytes }: { path: string; nBytes: 1 | 2 },
    signal?: AbortSignal,
  ): Promise<Uint8Array | Uint16Array> {
    const bytes = await this.files.span(path, nBytes * start, nBytes * n, signal);
    return nBytes === 2 ? new Uint16Array(bytes.buffer) : bytes;
  }

  /** `nBytes` for each of some rows of a tiled map, which ascend, from a file that holds so many for every row. */
  async bytesOfRows(path: string, rows: Uint32Array, nBytes: number): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(nBytes * rows.length);
    const reading: Promise<void>[] = [];
    for (let from = 0, to = 1; from < rows.length; from = to++) {
      while (to < rows.length && rows[to] === rows[from]! + to - from) to++;
      const at = nBytes * from;
      reading.push(this.files.span(path, nBytes * rows[from]!, nBytes * (to - from)).then((some) => bytes.set(some, at)));
    }
    await Promise.all(reading);
    return bytes.buffer;
  }

  /** The place of one row of a tiled map. */
  async placeOfRow(row: number): Promise<{ x: number; y: number } | null> {
    const tile = (await this.directory()).ofRow(row);
    if (!tile) return null;
    const [u, v] = new Uint16Array((await this.files.span(this.map.points.xy, 4 * row, 4)).buffer);
    return placeIn(tileSquare(this.map.extent, tile), u!, v!);
  }

  /** Share of false and of missing neighbors of one row of a tiled map; null where none are known. */
  async trustOfRow(row: number): Promise<{ false: number; missing: number } | null> {
    const { trustFalse, trustMissing } = this.map.points;
    if (!trustFalse || !trustMissing) return null;
    const [wrong, missing] = await Promise.all([this.files.span(trustFalse, row, 1), this.files.span(trustMissing, row, 1)]);
    return { false: wrong[0]! / 255, missing: missing[0]! / 255 };
  }

  /** The row at which an item is drawn, or null where this map does not show it. */
  async rowOf(item: number): Promise<number | null> {
    if (this.isTiled) return item < this.map.nItems ? item : null;
    const row = (await this.positions()).rowOf[item] ?? NO_ROW;
    return row === NO_ROW ? null : row;
  }

  /** (n_rows) 1 for each row that lies in a polygon of the layout. Of a tiled map only tiles that an edge runs through are read. */
  async rowsInside(polygon: Polygon): Promise<Uint8Array> {
    if (!this.isTiled) return rowsInside((await this.positions()).xy, polygon);
    const { extent, nItems } = this.map;
    return tiledRowsInside(await this.directory(), extent, polygon, (tile) => this.tilePlaces(tile), nItems);
  }

  /** The region of each row at a level; null where the atlas does not say. */
  async regionCodes(level: number): Promise<Uint16Array | null> {
    const path = this.map.points.region;
    const regions = await this.regions();
    if (path === null || level < 0 || level >= regions.length) return null;
    if (level === regions.length - 1) return this.once(path, () => readRegionCodes(this.files, path, this.isTiled));
    return this.once(`${path} ${level}`, async () => {
      const parents = regions[level + 1]!.map(({ parent }) => parent);
      return (await this.regionCodes(level + 1))!.map((code) => parents[code] ?? 0);
    });
  }

  /** The region of one row at a level; null where the atlas does not say. */
  async regionOfRow(row: number, level: number): Promise<number | null> {
    if (!this.isTiled) return (await this.regionCodes(level))?.[row] ?? null;
    const path = this.map.points.region;
    const regions = await this.regions();
    if (path === null || level < 0 || level >= regions.length) return null;
    let [region] = new Uint16Array((await this.files.span(path, 2 * row, 2)).buffer);
    for (let at = regions.length - 1; at > level; at--) region = regions[at]![region!]?.parent ?? 0;
    return region ?? null;
  }

  /** The nearest items of an item under the map's metric, near to far; null where this map does not show it. */
  async neighborsOf(item: number): Promise<Neighbors | null> {
    const { neighbors } = this.map;
    if (neighbors) {
      const row = await this.rowOf(item);
      if (row === null) return null;
      const nBytes = recordBytes(neighbors.k);
      const record = await this.files.span(neighbors.path, row * nBytes, nBytes);
      return { ...neighborsFrom(record, neighbors.k), metric: neighbors.metric };
    }
    const card = await this.items.card(item);
    const metric = this.set.neighbors?.metric ?? this.map.representation?.metric ?? "";
    return card && { items: card.neighbors, distances: card.distances, metric };
  }

  /** The tokens of an item on which the map's latent fires, in code points of its text; null where none are known. */
  async tokensOf(item: number): Promise<TokenSpan[] | null> {
    const { tokens } = this.map;
    const row = tokens && (await this.rowOf(item));
    if (!tokens || row === null) return null;
    const block = Math.floor(row / tokens.itemsPerBlock);
    const rows = await this.once(`tokens ${block}`, async () => {
      const text = await this.tokenBlocks!.readText(block);
      return JSON.parse(text ?? "[]") as TokensRow[];
    });
    return spansFrom(rows[row % tokens.itemsPerBlock] ?? []);
  }

  /** The token of each row on which the map's latent fires most strongly, folded; null for a row of which none is known. */
  strongestTokens(): Promise<(string | null)[]> {
    return this.once("strongest tokens", async () => {
      const [titles, { item }] = await Promise.all([this.items.titles(), this.positions()]);
      return Promise.all(
        Array.from(item, async (one) => strongestOf(piecesOf(titles?.lines[one] ?? "", (await this.tokensOf(one)) ?? []))),
      );
    });
  }

  /** Share of false or missing neighbors of each row, in steps of 1/255; of a map without a representation none are known. */
  trust(which: "false" | "missing"): Promise<Uint8Array> {
    const path = (which === "false" ? this.map.points.trustFalse : this.map.points.trustMissing)!;
    return this.once(path, () => readBytes(this.files, path, this.isTiled));
  }

  /** A byte for each row: what came of it when the latent's label was tried; null where the atlas does not say. */
  outcomes(): Promise<Uint8Array | null> {
    const path = this.map.outcomes;
    if (path === null) return Promise.resolve(null);
    return this.once(path, () => readBytes(this.files, path, this.isTiled));
  }

  colorValues(column: ColorColumn): Promise<Uint8Array | Uint16Array | Float32Array> {
    return this.once(column.path, () => readColors(this.files, column, this.isTiled));
  }

  labels(): Promise<MapLabel[]> {
    const path = this.map.labels;
    return this.once(path, async () => labelsFrom(await this.files.readJson<LabelsFile>(path)));
  }

  /** Nested regions by level, the coarsest first. */
  regions(): Promise<Region[][]> {
    const path = this.map.regions;
    return this.once(path, async () => regionsFrom(await this.files.readJson<RegionsFile>(path)));
  }

  /** The curve of R_NX over k, without the sizes at which a small map has none. */
  fidelityCurve(): Promise<FidelityCurve> {
    const path = this.map.fidelityCurve;
    if (!path) return Promise.resolve({ k: [], rnx: [] });
    return this.once(path, async () => {
      const { k, rnx } = (await this.files.readJson<FidelityFile>(path)).curve;
      const kept = k.map((_, index) => index).filter((index) => rnx[index] !== null);
      return { k: kept.map((index) => k[index]!), rnx: kept.map((index) => rnx[index]!) };
    });
  }

  /** A picture of the whole map: its preview, its ground or its terrain. */
  async wholePicture(path: string): Promise<ImageBitmap | null> {
    return bitmapOf(await this.files.read(path));
  }

  private once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.kept.get(key) as Promise<T> | undefined;
    if (known) return known;
    const reading = read();
    this.kept.set(key, reading);
    reading.catch(() => this.kept.delete(key));
    return reading;
  }
}
