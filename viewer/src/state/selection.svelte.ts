import { itemsOfRows, rowsOfItems } from "../bundle/item-rows";
import type { MapData } from "../bundle/map-data";
import { type Act, actTokens, followed, type How, MOST_IDS, type Target } from "./acts";
import type { Filters, Kept } from "./filters";
import type { Sieve } from "./sieve.svelte";

/** Masks of earlier steps are kept up to so many bytes, so that going back takes no time. */
const KEPT_BYTES = 64_000_000;

/** What can be aimed at on any map of the same items. */
const PLACELESS: Target["kind"][] = ["items", "found", "all"];

/**
 * Which items of a map are selected: as steps that an address can hold, and as a mask over the rows that they lead to.
 *
 * Each step is followed exactly over every row, whatever is drawn.
 */
export class Selection {
  /** (n_rows) 1 where a row is selected, and how many are; null while nothing is. */
  picked = $state.raw<Kept | null>(null);
  /** Whether a step is being followed that takes a while. */
  isBusy = $state(false);
  /** Why a step cannot be followed; null while all can. */
  problem = $state<string | null>(null);
  acts = $state.raw<readonly Act[]>([]);
  /** Steps that an address can hold: these, or the items that they lead to; null where both are too long. */
  inAddress = $state.raw<readonly Act[] | null>([]);
  /** Steps that select the same items on another map of them; null where they are too many to be named. */
  onOtherMaps = $state.raw<readonly Act[] | null>([]);
  /** Masks by the steps that led to them, the latest last. */
  private readonly masks = new Map<readonly Act[], Uint8Array>();
  private latest = 0;

  constructor(
    private readonly data: MapData,
    private readonly sieve: Sieve,
    acts: readonly Act[] = [],
    /** Told of each step, with a key that is the same for steps that belong together. */
    private readonly onStep: () => void = () => {},
  ) {
    if (acts.length > 0) this.restore(acts);
  }

  /** Takes a step; resolves once the rows are known. */
  act(how: How, target: Target): Promise<void> {
    const done = this.restore(followed(this.acts, { how, target }));
    this.onStep();
    return done;
  }

  /** Adds what is aimed at, or takes it away where all of it is selected. */
  async turn(target: Target): Promise<void> {
    try {
      const rows = await this.rowsOf(target);
      const mask = this.picked?.mask;
      const isAll = mask !== undefined && rows.every((one, row) => one === 0 || mask[row] === 1);
      await this.act(isAll ? "less" : "add", target);
    } catch (error) {
      this.problem = (error as Error).message;
    }
  }

  clear(): void {
    if (this.acts.length === 0) return;
    void this.restore([]);
    this.onStep();
  }

  invert(): Promise<void> {
    return this.act("flip", { kind: "all" });
  }

  /** Selects what some steps lead to, without making a step of it. */
  async restore(acts: readonly Act[]): Promise<void> {
    this.acts = acts;
    this.problem = null;
    const turn = ++this.latest;
    const waiting = setTimeout(() => {
      if (turn === this.latest) this.isBusy = true;
    }, 80);
    try {
      const mask = await this.maskOf(acts);
      if (turn !== this.latest) return;
      this.show(mask);
      const asItems = await this.asItems();
      if (turn !== this.latest) return;
      this.inAddress = actTokens(acts) ? acts : asItems;
      this.onOtherMaps = acts.every(({ target }) => PLACELESS.includes(target.kind)) ? acts : asItems;
    } catch (error) {
      if (turn === this.latest) this.problem = (error as Error).message;
    } finally {
      clearTimeout(waiting);
      if (turn === this.latest) this.isBusy = false;
    }
  }

  /** The selected items, in the order of their set. */
  async items(): Promise<Uint32Array> {
    const { picked } = this;
    return picked ? itemsOfRows(this.data, picked.mask) : new Uint32Array(0);
  }

  private async asItems(): Promise<readonly Act[] | null> {
    if (!this.picked) return [];
    if (this.picked.n > MOST_IDS) return null;
    return [{ how: "set", target: { kind: "items", items: [...(await this.items())] } }];
  }

  private show(mask: Uint8Array | null): void {
    let n = 0;
    if (mask) for (let row = 0; row < mask.length; row++) n += mask[row]!;
    this.picked = mask && n > 0 ? { mask, n } : null;
  }

  private async maskOf(acts: readonly Act[]): Promise<Uint8Array | null> {
    const known = this.masks.get(acts);
    if (known) return known;
    const last = acts.at(-1);
    if (!last) return null;
    const before = last.how === "set" ? null : await this.maskOf(this.before(acts));
    const mask = combined(before, await this.rowsOf(last.target), last.how);
    this.masks.set(acts, mask);
    while (this.masks.size > 2 && this.masks.size * mask.length > KEPT_BYTES) {
      this.masks.delete(this.masks.keys().next().value!);
    }
    return mask;
  }

  /** All steps but the last, as the list under which their mask is known. */
  private before(acts: readonly Act[]): readonly Act[] {
    for (const known of this.masks.keys()) {
      if (known.length === acts.length - 1 && known.every((act, at) => act === acts[at])) return known;
    }
    return acts.slice(0, -1);
  }

  private async rowsOf(target: Target): Promise<Uint8Array> {
    const { data } = this;
    if (target.kind === "all") return new Uint8Array(data.map.nItems).fill(1);
    if (target.kind === "shape") return data.rowsInside(target.corners);
    if (target.kind === "kept") return this.sieve.rowsKept(target.filters);
    if (target.kind === "items") return rowsOfItems(data, target.items);
    if (target.kind === "found") return rowsOfItems(data, await this.found(target.query));
    const codes = await data.regionCodes(target.level);
    if (!codes) throw new Error("This atlas does not say which items a region holds: build it again to select them.");
    const mask = new Uint8Array(codes.length);
    for (let row = 0; row < codes.length; row++) if (codes[row] === target.region) mask[row] = 1;
    return mask;
  }

  private async found(query: string): Promise<ArrayLike<number>> {
    const searcher = await this.data.items.searcher();
    return searcher ? searcher.search(query) : [];
  }
}

function combined(before: Uint8Array | null, rows: Uint8Array, how: How): Uint8Array {
  const mask = before ? before.slice() : new Uint8Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    if (rows[row] === 0) continue;
    mask[row] = how === "less" ? 0 : how === "flip" ? 1 - mask[row]! : 1;
  }
  return mask;
}

/** What a person did to the selection and the filters, as one state to go back to. */
export interface Chosen {
  acts: readonly Act[];
  filters: Filters;
}
