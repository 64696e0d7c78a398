import { activationColumn } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import type { RegionId } from "./hash";
import { type OutcomeGroup, type OutcomeMark, outcomeGroups, tallyOf } from "./outcomes";
import { regionName } from "./region-names";
import { weakText } from "./weak-tail";

/** What is known of the texts of one region of a latent's map. */
export interface TriedRegion {
  id: RegionId;
  name: string;
  /** By what came of them when the label was tried; null where the atlas keeps counts only, or none was tried. */
  groups: OutcomeGroup[] | null;
  /** Says that the region is mostly weak; null where it is not. */
  weak: string | null;
}

/** The texts of the region whose card was opened, told apart by whether the label finds them: listed in the card, marked on the map. */
export class TriedTexts {
  region = $state.raw<TriedRegion | null>(null);
  /** Whether they are marked on the map. */
  isMarked = $state(true);
  private wanted: RegionId | null = null;

  constructor(private readonly data: MapData) {}

  /** The marks on the map, where there are any. */
  readonly marks: readonly OutcomeMark[] = $derived.by(() => {
    if (!this.isMarked) return [];
    const groups = this.region?.groups ?? [];
    return groups.flatMap(({ outcome, texts }) => texts.map(({ item }) => ({ item, outcome })));
  });

  /** Turns to the region whose card is open. It stays while a card of an item stands in its place, and goes with the last card. */
  follow(region: RegionId | null, hasCard: boolean): void {
    if (!this.data.map.latent || (region === null && hasCard)) return;
    if (region?.level === this.wanted?.level && region?.region === this.wanted?.region) return;
    this.wanted = region;
    this.region = null;
    if (region) void this.read(region);
  }

  private async read(id: RegionId): Promise<void> {
    const { data } = this;
    const column = activationColumn(data.map);
    if (!column) return;
    try {
      const [regions, outcomes, codes, activations] = await Promise.all([
        data.regions(),
        data.outcomes(),
        data.regionCodes(id.level),
        data.colorValues(column),
      ]);
      const region = regions[id.level]?.[id.region];
      if (!codes || !region) return;
      const itemOf = data.isTiled ? null : (await data.positions()).item;
      const all = outcomes && outcomeGroups({ outcomes, codes, activations, itemOf }, id.region);
      const groups = all && tallyOf(all).nTried > 0 ? all : null;
      const weak = weakText(activations, codes, id.region, data.map.latent!.maximum);
      if (this.wanted === id) this.region = { id, name: regionName(region, id.region), groups, weak };
    } catch {
      // The card says what it can without; a file that cannot be read is told of where it is needed.
    }
  }
}
