import { type Counterparts, RowsOn, SameSet } from "./counterparts";
import { AtlasError } from "./errors";
import type { AtlasFiles } from "./files";
import { ItemsData } from "./items-data";
import { MapData } from "./map-data";
import type { Atlas } from "./model";
import { bitmapOf } from "./pictures";

/** Maps whose tables are kept, so that going back to one is quick. */
const MAX_KEPT_MAPS = 4;

/** The maps of an atlas as they are opened, and their items, which maps of one set share. */
export class AtlasData {
  private readonly sets = new Map<string, ItemsData>();
  private readonly opened = new Map<string, MapData>();
  private readonly rowsOn = new Map<string, RowsOn>();
  private readonly shown = new Map<string, Promise<Uint32Array>>();

  constructor(
    readonly atlas: Atlas,
    readonly files: AtlasFiles,
  ) {}

  map(id: string): MapData {
    const data = this.opened.get(id) ?? this.open(id);
    this.opened.delete(id);
    this.opened.set(id, data);
    for (const oldest of this.opened.keys()) {
      if (this.opened.size <= MAX_KEPT_MAPS) break;
      this.opened.delete(oldest);
    }
    return data;
  }

  /** Which items of a map are which of another that shows the same. */
  counterparts(id: string, otherId: string): Counterparts {
    const map = this.atlas.maps.get(id)!;
    const path = map.rowsOn.get(otherId);
    if (path === undefined) return new SameSet(this.map(id), this.map(otherId));
    const rows = this.rowsOn.get(path) ?? new RowsOn(this.files, path, map.nItems);
    this.rowsOn.set(path, rows);
    return rows;
  }

  items(setId: string): ItemsData {
    let items = this.sets.get(setId);
    if (!items) {
      const set = this.atlas.sets.get(setId);
      if (!set) throw new AtlasError(`A map names the unknown set ${setId}.`, "Build the atlas again.");
      items = new ItemsData(set, this.files);
      this.sets.set(setId, items);
    }
    return items;
  }

  /** The items that a map shows, in drawing order; of a map that names them. */
  itemsOf(mapId: string): Promise<Uint32Array> {
    let items = this.shown.get(mapId);
    if (!items) {
      const { item } = this.atlas.maps.get(mapId)!.points;
      items = this.files.readInflated(item!).then((bytes) => new Uint32Array(bytes.buffer));
      items.catch(() => this.shown.delete(mapId));
      this.shown.set(mapId, items);
    }
    return items;
  }

  /** A picture of a whole map, which is not kept: the browser does that. */
  async picture(path: string): Promise<ImageBitmap> {
    return bitmapOf(await this.files.readInflated(path));
  }

  private open(id: string): MapData {
    const map = this.atlas.maps.get(id)!;
    return new MapData(map, this.items(map.setId), this.files);
  }
}
