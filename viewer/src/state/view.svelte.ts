import { ACTIVATION } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import type { How } from "./acts";
import type { Camera } from "./camera";
import type { FidelityLayer, HashState, LayerName, RegionId, Theme } from "./hash";
import { type Chosen, Selection } from "./selection.svelte";
import { Sieve } from "./sieve.svelte";
import { Steps } from "./steps.svelte";
import { TriedTexts } from "./tried-texts.svelte";

/** What a drag over the map draws while selecting. */
export type Tool = "box" | "lasso";

/** What one person looks at on a map, and how: lives in this browser tab, and most of it in the address. */
export class ViewState {
  layers = $state<Record<LayerName, boolean>>({
    collage: false,
    points: false,
    labels: true,
    ground: true,
    terrain: false,
    lines: true,
  });
  fidelity = $state<FidelityLayer>("none");
  colorBy = $state<string | null>(null);
  /** The item whose card is open. */
  selected = $state<number | null>(null);
  /** The region whose card is open. */
  region = $state.raw<RegionId | null>(null);
  /** The region that is pointed at in a panel, to be seen on the map. */
  outlined = $state.raw<RegionId | null>(null);
  /** What a drag draws; null while it moves the map. */
  tool = $state<Tool | null>(null);
  /** While the space bar is held, a drag draws. */
  holdsSpace = $state(false);
  /** What becomes of what is drawn, while drawing is on. */
  how = $state<How>("set");
  query = $state("");
  /** Items of this map that the search found. */
  found = $state.raw<Uint32Array>(new Uint32Array(0));
  /** Whether the latent's strongest items are marked. */
  marksTop = $state(false);
  notice = $state<string | null>(null);
  /** Why points cannot be drawn by the graphics card; null while they can. */
  pointsLimit = $state<string | null>(null);
  readonly sieve: Sieve;
  readonly selection: Selection;
  readonly steps: Steps<Chosen>;
  readonly tried: TriedTexts;

  private readonly hasCollage: boolean;
  /** What points are colored by unless something else is asked for: a map that is conditioned on an activation is about that. */
  private readonly ownColor: string | null;

  constructor(data: MapData, hash: HashState) {
    const { map } = data;
    const hasColumn = (name: string) => map.colors.some((column) => column.name === name);
    const step = (key: string | null) => this.steps.record({ acts: this.selection.acts, filters: this.sieve.filters }, key);
    this.sieve = new Sieve(data, hash.filters, (name) => step(`where ${name}`));
    this.selection = new Selection(data, this.sieve, hash.selection, () => step(null));
    this.steps = new Steps<Chosen>({ acts: this.selection.acts, filters: this.sieve.filters });
    this.tried = new TriedTexts(data);
    this.hasCollage = map.collage !== null;
    this.ownColor = (map.latent ?? map.activation) && hasColumn(ACTIVATION) ? ACTIVATION : null;
    this.layers.collage = this.hasCollage;
    this.layers.points = !this.hasCollage;
    if (hash.layers) for (const name of Object.keys(this.layers) as LayerName[]) this.layers[name] = hash.layers.includes(name);
    if (!this.hasCollage) this.layers.collage = false;
    if (hash.fidelity && map.fidelity) this.fidelity = hash.fidelity;
    this.colorBy = hash.color && hasColumn(hash.color) ? hash.color : this.fidelity !== "none" ? null : this.ownColor;
    if (hash.item !== undefined && hash.item < data.set.nItems) this.selected = hash.item;
    if (hash.region && this.selected === null) this.region = hash.region;
    this.query = hash.query ?? "";
    this.marksTop = hash.marksTop === true && map.latent !== null;
  }

  /** Points carry the color or the trust that was chosen, so choosing one switches them on. */
  setColorBy(name: string | null): void {
    this.colorBy = name;
    this.fidelity = "none";
    this.layers.points = name !== null || !this.hasCollage;
  }

  setFidelity(which: FidelityLayer): void {
    this.fidelity = which;
    this.colorBy = which === "none" ? this.ownColor : null;
    this.layers.points = which !== "none" || !this.hasCollage;
  }

  /** What a drag draws now; null while it moves the map. */
  get drawing(): Tool | null {
    return this.tool ?? (this.holdsSpace ? "box" : null);
  }

  /** What becomes of what is selected next. */
  get nextHow(): How {
    return this.tool ? this.how : "set";
  }

  /** What becomes of what is drawn with keys held. */
  howWith({ shift, alt }: { shift: boolean; alt: boolean }): How {
    return alt ? "less" : this.drawing && shift ? "add" : this.nextHow;
  }

  /** Takes the last step of selecting or filtering back. */
  undo(): void {
    this.goTo(this.steps.undo());
  }

  redo(): void {
    this.goTo(this.steps.redo());
  }

  private goTo(chosen: Chosen | null): void {
    if (!chosen) return;
    if (chosen.filters !== this.sieve.filters) this.sieve.restore(chosen.filters);
    if (chosen.acts !== this.selection.acts) void this.selection.restore(chosen.acts);
  }

  /** The collage steps back while points say something that it cannot. */
  get collageIsDimmed(): boolean {
    return this.layers.points && (this.colorBy !== null || this.fidelity !== "none");
  }

  /** What is shown and how, whichever map of the same items shows it. */
  get wayOfLooking(): HashState {
    return {
      layers: (Object.keys(this.layers) as LayerName[]).filter((name) => this.layers[name]),
      fidelity: this.fidelity,
      ...(this.colorBy === null || this.colorBy === this.ownColor ? {} : { color: this.colorBy }),
      ...(this.selected === null ? {} : { item: this.selected }),
      ...(this.query === "" ? {} : { query: this.query }),
      ...(this.selection.onOtherMaps?.length ? { selection: this.selection.onOtherMaps } : {}),
      ...(this.marksTop ? { marksTop: true as const } : {}),
    };
  }

  toHash(mapId: string | undefined, camera: Camera, theme: Theme): HashState {
    return {
      ...this.wayOfLooking,
      selection: this.selection.inAddress ?? [],
      ...(mapId === undefined ? {} : { map: mapId }),
      camera,
      ...(this.sieve.filters.size === 0 ? {} : { filters: this.sieve.filters }),
      ...(this.region ? { region: this.region } : {}),
      theme,
    };
  }
}
