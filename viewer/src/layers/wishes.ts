import type { Cell } from "../bundle/cells";
import type { Covered } from "../state/camera";
import type { FidelityLayer, LayerName, RegionId } from "../state/hash";
import type { OutcomeMark } from "../state/outcomes";
import type { Tool } from "../state/view.svelte";

/** What the panels want to see on the map. */
export interface Wishes {
  layers: Record<LayerName, boolean>;
  fidelity: FidelityLayer;
  colorBy: string | null;
  /** 1 for each row that the filters keep; null while nothing is filtered. */
  kept: Uint8Array | null;
  /** 1 for each row that is selected; null while none is. */
  picked: Uint8Array | null;
  /** What a drag draws; null while it moves the map, unless Shift is held. */
  tool: Tool | null;
  selected: number | null;
  hovered: number | null;
  /** The item that is pointed at on the map beside this one. */
  pointed: number | null;
  found: Uint32Array;
  /** Items that are marked with their rank, from 1. */
  ranked: readonly number[];
  /** Items that are marked with what came of them when the latent's label was tried. */
  outcomes: readonly OutcomeMark[];
  /** Items that are marked quietly, for there is more behind them. */
  ringed: readonly number[];
  /** The region that has a line around it. */
  outlined: RegionId | null;
  /** Regions that are named before all others: the one whose card is open, and those that a latent's label misses. */
  namedFirst: readonly RegionId[];
  isDimmed: boolean;
  /** What panels cover: what is flown to comes to rest in the middle of the rest. */
  covered: Covered;
}

/** What lies under the pointer: an item, and for how many it stands where a collage cell was hit. */
export interface Hit {
  item: number;
  cell: Cell | null;
  level: number;
}
