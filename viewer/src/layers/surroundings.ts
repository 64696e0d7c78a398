import { nearCount } from "../state/trust";
import type { Sight } from "./sight";

/** The neighbors of one item: in the representation, and what is near on the map and none of them. */
export class Surroundings {
  /** Neighbors that are near on the map too; all of them until that is known. */
  near: readonly number[] = [];
  /** Neighbors that are far on the map. */
  torn: readonly number[] = [];
  /** Items that are near on the map and none of the neighbors. */
  unlike: readonly number[] = [];
  private item: number | null = null;
  private isChosen = false;

  constructor(private readonly sight: Sight) {}

  /** Turns to an item; of one that is chosen, and not only pointed at, the map is compared. */
  of(item: number | null, isChosen: boolean): void {
    if (item === this.item && isChosen === this.isChosen) return;
    this.item = item;
    this.isChosen = isChosen;
    this.near = this.torn = this.unlike = [];
    if (item !== null) this.read(item);
  }

  /** Items that are drawn around one; none while another is turned to. */
  around(item: number): number[] {
    return item === this.item ? [...this.near, ...this.torn, ...this.unlike] : [];
  }

  private read(item: number): void {
    const { data, places } = this.sight;
    const trustK = data.map.fidelity?.trustK ?? 0;
    const around = this.isChosen && trustK > 0 ? places.around(item, nearCount(trustK, data.map.nItems)) : Promise.resolve([]);
    this.sight.reading(Promise.all([data.neighborsOf(item), around]), ([found, here]) => {
      if (this.item !== item) return;
      const neighbors = found?.items ?? [];
      this.near = neighbors;
      if (here.length === 0) return;
      this.near = neighbors.filter((one) => here.includes(one));
      this.torn = neighbors.filter((one) => !here.includes(one));
      this.unlike = here.slice(0, trustK).filter((one) => !neighbors.includes(one));
    });
  }
}
