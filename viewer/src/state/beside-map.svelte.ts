import type { AtlasData } from "../bundle/atlas-data";
import { type Counterparts, showSameItems } from "../bundle/counterparts";
import type { MapData } from "../bundle/map-data";
import type { AtlasMap } from "../bundle/model";
import type { HashState } from "./hash";

/** The map of the same items that stands beside this one, and what of it passes and is selected here. */
export class BesideMap {
  /** The maps that can stand here. */
  readonly offered: readonly AtlasMap[];
  id = $state<string | null>(null);
  /** Whether the two move together. */
  isLinked = $state(true);
  /** The item that is pointed at there. */
  pointed = $state<number | null>(null);
  /** Rows there that the filters here keep, and those that are selected here; null where there are none. */
  kept = $state.raw<Uint8Array | null>(null);
  picked = $state.raw<Uint8Array | null>(null);

  constructor(
    private readonly atlasData: AtlasData,
    private readonly data: MapData,
    hash: HashState,
  ) {
    const { map } = data;
    this.offered = [...atlasData.atlas.maps.values()].filter((one) => showSameItems(map, one));
    this.id = this.offers(hash.beside) ? (hash.beside ?? null) : null;
    this.isLinked = hash.isFree !== true;
  }

  get shown(): MapData | null {
    return this.id === null ? null : this.atlasData.map(this.id);
  }

  /** The items of the open map on a map of the same items, and the reverse. */
  itemsOn(id: string): { there: Counterparts; back: Counterparts } {
    const here = this.data.map.id;
    return { there: this.atlasData.counterparts(here, id), back: this.atlasData.counterparts(id, here) };
  }

  /** What the address says of it. */
  get state(): HashState {
    return this.id === null ? {} : { beside: this.id, ...(this.isLinked ? {} : { isFree: true as const }) };
  }

  offers(id: string | undefined): boolean {
    return this.offered.some((one) => one.id === id);
  }

  /** Lays the next map of the same items beside this one, or takes it away. */
  toggle(): void {
    const ids = [...this.atlasData.atlas.maps.keys()];
    const next = this.offered.find(({ id }) => id === ids[ids.indexOf(this.data.map.id) + 1]);
    this.id = this.id === null ? ((next ?? this.offered[0])?.id ?? null) : null;
  }

  /** Carries masks over this map's rows to the rows beside. Returns a function that drops the answer if it comes later. */
  carry(kept: Uint8Array | null, picked: Uint8Array | null, onFailure: (error: Error) => void): () => void {
    const there = this.id === null ? null : this.itemsOn(this.id).there;
    let isCurrent = true;
    Promise.all([kept, picked].map((mask) => (mask && there ? there.mask(mask) : null))).then(([keptThere, pickedThere]) => {
      if (!isCurrent) return;
      this.kept = keptThere ?? null;
      this.picked = pickedThere ?? null;
    }, onFailure);
    return () => {
      isCurrent = false;
    };
  }
}
