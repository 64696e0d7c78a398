import type { AtlasMap } from "../bundle/model";
import type { FidelityLayer } from "./hash";
import { nearestRow } from "./trust";
import { countText, itemsText, percentText } from "./wording";

const LAYOUTS: Record<string, string> = { given: "given layout", spectrum: "spectrum layout", umap: "UMAP" };

/** How many items a map shows, of how many of its set, and how many of them pass the filters. */
export function countFact({ nItems }: AtlasMap, nSetItems: number, nKept: number | null): string {
  const all = nItems < nSetItems ? `${countText(nItems)} of ${itemsText(nSetItems)}` : itemsText(nItems);
  return nKept === null ? all : `${countText(nKept)} of ${all}`;
}

export function encoderFact({ representation }: AtlasMap): string {
  return representation?.encoder === "given" ? "given vectors" : (representation?.encoder ?? "no representation");
}

export function layoutFact({ layoutMethod }: AtlasMap): string {
  return LAYOUTS[layoutMethod] ?? layoutMethod;
}

/** How far a map can be believed, in a line; null where that is not known. */
export function fidelityFact({ fidelity }: AtlasMap): string | null {
  const nearest = fidelity && nearestRow(fidelity.rows);
  if (nearest?.kept == null) return null;
  return `keeps ${percentText(nearest.kept)} of the ${nearest.k} nearest (chance ${percentText(nearest.chance)})`;
}

/** What of the map is shown otherwise than it comes. */
export interface Shown {
  colorBy: string | null;
  fidelity: FidelityLayer;
  /** How many items are selected, and how many pass the filters; null where nothing is selected or filtered. */
  nPicked: number | null;
  nKept: number | null;
  marksTop: boolean;
  /** The region whose texts are marked with what the label finds; null where none is. */
  triedIn: string | null;
}

/** What is said under a picture of a map: what it is of, how far to believe it, and what is marked on it. */
export function captionFacts(map: AtlasMap, nSetItems: number, shown: Shown): string[] {
  return [
    countFact(map, nSetItems, shown.nKept),
    encoderFact(map),
    layoutFact(map),
    fidelityFact(map),
    shown.colorBy === null ? null : `color: ${shown.colorBy}`,
    shown.fidelity === "none" ? null : `color: ${shown.fidelity} neighbors`,
    shown.nPicked === null ? null : `framed: ${countText(shown.nPicked)} selected`,
    shown.marksTop ? "numbered: the ten strongest" : null,
    shown.triedIn === null ? null : `“${shown.triedIn}”: ✕ not found by the label, ✓ found, ○ not tried`,
  ].filter((fact) => fact !== null);
}
