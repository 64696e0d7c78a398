import type { CardEntry, FidelityFile, LabelsFile } from "../contract/parts";
import { TileArchive } from "./archive";
import { Blocks } from "./blocks";
import { type Cell, decodeCells } from "./cells";
import { type Positions, readColors, readPositions, readShares } from "./columns";
import { AtlasError } from "./errors";
import type { AtlasFiles } from "./files";
import { cardFrom, labelsFrom } from "./manifest";
import type { Atlas, AtlasMap, Card, ColorColumn, FidelityCurve, ItemSet, MapLabel } from "./model";
import { Sheets } from "./sheets";
import { TileCache, type TileId } from "./tile-cache";
import { type Titles, titlesFrom } from "./titles";

const CELLS_BUDGET_BYTES = 16_000_000;
const PICTURES_BUDGET = 800;

/** Everything that one map and its items hold, read when it is first asked for and kept. */
export class MapData {
  readonly map: AtlasMap;
  readonly set: ItemSet;
  private readonly cardBlocks: Blocks;
  private readonly pictureBlocks: Blocks | null;
  private readonly tileArchive: TileArchive | null;
  private readonly cellArchive: TileArchive | null;
  private readonly sheets: Sheets | null;
  private readonly cells = new TileCache<Promise<Cell[]>>(CELLS_BUDGET_BYTES);
  private readonly cards = new Map<number, Promise<Card[]>>();
  private readonly pictures = new Map<number, Promise<ImageBitmap | null>>();
  private readonly kept = new Map<string, Promise<unknown>>();

  constructor(
    atlas: Atlas,
    mapId: string,
    private readonly files: AtlasFiles,
  ) {
    this.map = atlas.maps.get(mapId)!;
    const set = atlas.sets.get(this.map.setId);
    if (!set) throw new AtlasError(`The map ${mapId} names the unknown set ${this.map.setId}.`, "Build the atlas again.");
    this.set = set;
    const { cards, pictures } = set;
    const { collage } = this.map;
    this.cardBlocks = new Blocks(files, cards.data, cards.index);
    this.pictureBlocks = pictures && new Blocks(files, pictures.data, pictures.index);
    this.tileArchive = collage && new TileArchive(files, collage.tiles);
    this.cellArchive = collage && new TileArchive(files, collage.cells);
    this.sheets = collage?.sheets ? new Sheets(files, collage.sheets, bitmapOf) : null;
  }

  get pending(): number {
    return this.files.pending;
  }

  async card(item: number): Promise<Card | null> {
    const { itemsPerBlock } = this.set.cards;
    const block = Math.floor(item / itemsPerBlock);
    let cards = this.cards.get(block);
    if (!cards) {
      cards = this.cardBlocks.readText(block).then((text) => (JSON.parse(text ?? "[]") as CardEntry[]).map(cardFrom));
      this.cards.set(block, cards);
      cards.catch(() => this.cards.delete(block));
    }
    return (await cards)[item % itemsPerBlock] ?? null;
  }

  /** The picture of an item: its own, or the one that its card names; null where there is none. */
  async pictureOf(item: number): Promise<ImageBitmap | null> {
    const block = await this.pictureBlockOf(item);
    return block === null ? null : this.picture(block);
  }

  private async pictureBlockOf(item: number): Promise<number | null> {
    if (!this.set.pictures) return null;
    if (this.set.pictures.of === "item") return item;
    return (await this.card(item))?.picture ?? null;
  }

  private picture(block: number): Promise<ImageBitmap | null> {
    let picture = this.pictures.get(block);
    if (!picture) {
      picture = this.pictureBlocks!.read(block).then((bytes) => bytes && bitmapOf(bytes));
      picture.catch(() => this.pictures.delete(block));
      const oldest = this.pictures.keys().next();
      if (this.pictures.size >= PICTURES_BUDGET && !oldest.done) this.pictures.delete(oldest.value);
    }
    this.pictures.delete(block);
    this.pictures.set(block, picture);
    return picture;
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

  positions(): Promise<Positions> {
    return this.once("positions", () => readPositions(this.files, this.map, this.set.nItems));
  }

  /** Share of false or missing neighbors of each row, in steps of 1/255. */
  trust(which: "false" | "missing"): Promise<Uint8Array> {
    const path = which === "false" ? this.map.points.trustFalse : this.map.points.trustMissing;
    return this.once(path, () => readShares(this.files, path));
  }

  colorValues(column: ColorColumn): Promise<Uint8Array | Uint16Array | Float32Array> {
    return this.once(column.path, () => readColors(this.files, column));
  }

  titles(): Promise<Titles | null> {
    const path = this.set.titles;
    return path ? this.once(path, async () => titlesFrom(await this.files.readInflated(path))) : Promise.resolve(null);
  }

  labels(): Promise<MapLabel[]> {
    const path = this.map.labels;
    return this.once(path, async () => labelsFrom(await this.files.readJson<LabelsFile>(path)));
  }

  /** The curve of R_NX over k, without the sizes at which a small map has none. */
  fidelityCurve(): Promise<FidelityCurve> {
    const path = this.map.fidelityCurve;
    return this.once(path, async () => {
      const { k, rnx } = (await this.files.readJson<FidelityFile>(path)).curve;
      const kept = k.map((_, index) => index).filter((index) => rnx[index] !== null);
      return { k: kept.map((index) => k[index]!), rnx: kept.map((index) => rnx[index]!) };
    });
  }

  /** A whole picture of the map: its preview or its ground. */
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

function bitmapOf(bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([bytes], { type: "image/webp" }));
}
