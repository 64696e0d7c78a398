import { SvelteSet } from "svelte/reactivity";
import type { AtlasMap } from "../bundle/model";
import type { Camera } from "./camera";
import type { FidelityLayer, HashState, LayerName, Theme } from "./hash";

/** What one person looks at and how: lives in this browser tab, and most of it in the address. */
export class ViewState {
  layers = $state<Record<LayerName, boolean>>({ collage: false, points: false, labels: true, ground: true, lines: true });
  fidelity = $state<FidelityLayer>("none");
  colorBy = $state<string | null>(null);
  /** Category codes that the legend has switched off. */
  readonly hidden = new SvelteSet<number>();
  selected = $state<number | null>(null);
  query = $state("");
  /** Items that the search found. */
  found = $state.raw<Uint32Array>(new Uint32Array(0));
  theme = $state<Theme>("system");
  notice = $state<string | null>(null);
  /** Why points cannot be drawn by the graphics card; null while they can. */
  pointsLimit = $state<string | null>(null);

  private readonly hasCollage: boolean;

  constructor(map: AtlasMap, hash: HashState, nSetItems: number) {
    this.hasCollage = map.collage !== null;
    this.layers.collage = this.hasCollage;
    this.layers.points = !this.hasCollage;
    if (hash.layers) for (const name of Object.keys(this.layers) as LayerName[]) this.layers[name] = hash.layers.includes(name);
    if (!this.hasCollage) this.layers.collage = false;
    if (hash.fidelity) this.fidelity = hash.fidelity;
    if (hash.color && map.colors.some((column) => column.name === hash.color)) this.colorBy = hash.color;
    if (hash.item !== undefined && hash.item < nSetItems) this.selected = hash.item;
    this.query = hash.query ?? "";
    this.theme = hash.theme ?? "system";
  }

  /** Points carry the color or the trust that was chosen, so choosing one switches them on. */
  setColorBy(name: string | null): void {
    this.colorBy = name;
    this.fidelity = "none";
    this.hidden.clear();
    this.layers.points = name !== null || !this.hasCollage;
  }

  setFidelity(which: FidelityLayer): void {
    this.fidelity = which;
    this.colorBy = null;
    this.hidden.clear();
    this.layers.points = which !== "none" || !this.hasCollage;
  }

  /** The collage steps back while points say something that it cannot. */
  get collageIsDimmed(): boolean {
    return this.layers.points && (this.colorBy !== null || this.fidelity !== "none");
  }

  toHash(mapId: string | undefined, camera: Camera): HashState {
    const layers = (Object.keys(this.layers) as LayerName[]).filter((name) => this.layers[name]);
    return {
      ...(mapId === undefined ? {} : { map: mapId }),
      camera,
      layers,
      fidelity: this.fidelity,
      ...(this.colorBy === null ? {} : { color: this.colorBy }),
      ...(this.selected === null ? {} : { item: this.selected }),
      ...(this.query === "" ? {} : { query: this.query }),
      theme: this.theme,
    };
  }
}
