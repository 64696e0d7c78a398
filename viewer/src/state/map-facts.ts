import type { AtlasMap } from "../bundle/model";
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
