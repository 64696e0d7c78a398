import type { AtlasData } from "../bundle/atlas-data";
import { notFoundBeside } from "../bundle/counterparts";
import type { AtlasError } from "../bundle/errors";
import type { MapData } from "../bundle/map-data";
import type { Stage } from "../layers/stage";
import type { Arrival, Departure } from "../state/arrival";
import type { BesideMap } from "../state/beside-map.svelte";
import type { PointPx } from "../state/camera";
import type { HashState } from "../state/hash";
import type { Panels } from "../state/panels.svelte";
import type { ViewState } from "../state/view.svelte";

/** How the page opens maps. */
export interface Ways {
  onMap: (id: string, item?: number) => void;
  /** Goes into a map, or out of this one to it. */
  onPass: (id: string, through: "in" | "out", item?: number, at?: PointPx) => void;
  /** Opens another map of the same items, to be looked at in the same way. */
  onSwitch: (id: string, look: HashState, from: Arrival | null, seen: Departure | null) => void;
}

/** Goes from this map to others: to the next, into that of an item, out to the dictionary. */
export class Passing {
  readonly dictionaryId: string | null;
  /** The item of the dictionary that is this map's latent. */
  readonly ownItem: number | null;

  constructor(
    private readonly atlasData: AtlasData,
    private readonly data: MapData,
    private readonly view: ViewState,
    private readonly panels: Panels,
    private readonly beside: BesideMap,
    private readonly ways: Ways,
    private readonly stage: () => Stage | undefined,
    private readonly onFailure: (error: AtlasError) => void,
  ) {
    const dictionary = [...this.maps.values()].find(({ kind }) => kind === "dictionary");
    this.ownItem = [...(dictionary?.opens ?? [])].find(([, id]) => id === data.map.id)?.[0] ?? null;
    this.dictionaryId = this.ownItem === null ? null : (dictionary?.id ?? null);
  }

  private get maps() {
    return this.atlasData.atlas.maps;
  }

  /** What is seen here, whichever map of the same items shows it. */
  private get look(): HashState {
    return { ...this.view.wayOfLooking, ...this.panels.state, ...this.beside.state };
  }

  /** Opens another map; on one of the same items, the chosen item stays where it is, and the layers stay on. */
  readonly switchTo = (id: string): void => {
    const { view } = this;
    const { map } = this.data;
    const stage = this.stage();
    const other = this.maps.get(id);
    if (view.selected !== null && other && map.rowsOn.has(id)) {
      this.switchRows(id, view.selected).catch(this.tellFailure);
      return;
    }
    if (!stage || other?.setId !== map.setId || (other.collage === null) !== (map.collage === null)) {
      this.ways.onMap(id);
      return;
    }
    const item = view.selected;
    const { camera, fitZoom, projection } = stage.navigator;
    const at = item === null ? undefined : stage.screenOf(item);
    const arriving = item !== null && at ? { item, at, beyondFit: camera.zoom - fitZoom } : null;
    const { beside: besideId, ...look } = this.look;
    const keeps = besideId === undefined || besideId === id ? look : { ...look, beside: besideId };
    this.ways.onSwitch(id, keeps, arriving, { mapId: map.id, seen: projection });
  };

  /** Opens a map that calls the chosen item by another row. */
  private async switchRows(id: string, item: number): Promise<void> {
    this.ways.onMap(id, await this.beside.itemsOn(id).there.read(item));
  }

  /** Opens the map beside in place of this one, and this one beside it. */
  readonly swap = (): void => {
    const { beside, data } = this;
    if (beside.id === null) return;
    const look = { ...this.look, beside: data.map.id };
    if (data.map.rowsOn.has(beside.id)) this.swapRows(beside.id, look).catch(this.tellFailure);
    else this.ways.onSwitch(beside.id, look, null, null);
  };

  /** Items that are selected by their rows here are others there; the chosen one goes along. */
  private async swapRows(id: string, { item, selection: _, ...look }: HashState): Promise<void> {
    const there = item === undefined ? {} : { item: await this.beside.itemsOn(id).there.read(item) };
    this.ways.onSwitch(id, { ...look, ...there }, null, null);
  }

  private readonly tellFailure = (error: unknown): void => this.onFailure(notFoundBeside(error));

  /** Opens the next map of the atlas, or the one before. */
  step(by: number): void {
    const ids = [...this.maps.keys()];
    const at = (ids.indexOf(this.data.map.id) + by + ids.length) % ids.length;
    if (ids.length > 1) this.switchTo(ids[at]!);
  }

  /** Goes into the map of an item. */
  readonly enter = (item: number): void => {
    const id = this.data.map.opens.get(item);
    if (id !== undefined && this.maps.has(id)) this.ways.onPass(id, "in", undefined, this.stage()?.screenOf(item));
  };

  /** Goes out to the dictionary, where this map's latent is an item. */
  readonly leave = (): void => {
    if (this.dictionaryId !== null && this.ownItem !== null) this.ways.onPass(this.dictionaryId, "out", this.ownItem);
  };
}
