import type { AtlasMap } from "../bundle/model";
import { folded } from "../bundle/titles";
import { nearestRow } from "./trust";
import { countText } from "./wording";

/** The score that tells how good a label is; the dictionary has it as a column, too. */
const LABEL_SCORE = "detection";

export const SORTS = ["order", "name", "latent", "items", "density", "maximum", "score", "area"] as const;
export type Sort = (typeof SORTS)[number];

export const SORT_NAMES: Record<Sort, string> = {
  order: "The study's order",
  name: "Name",
  latent: "Number",
  items: "Items, most first",
  density: "Density, highest first",
  maximum: "Maximum, highest first",
  score: "Label accuracy, lowest first",
  area: "Nearest kept, most first",
};

export function isSort(text: string | undefined): text is Sort {
  return (SORTS as readonly (string | undefined)[]).includes(text);
}

/** What a map is called: a latent by its label, other maps of a study by their titles as these begin a line. */
export function nameOf({ kind, latent, title }: AtlasMap): string {
  if (kind === "dictionary") return "The dictionary";
  return latent ? latent.label || title : title;
}

/** The figure by which maps are sorted, as it is shown; null where a map has none. */
export function figureOf(map: AtlasMap, sort: Sort): number | null {
  const { latent } = map;
  if (sort === "items") return map.nItems;
  if (sort === "area") return nearestRow(map.fidelity?.rows ?? [])?.kept ?? null;
  if (sort === "score") return latent?.scores.find(({ name }) => name === LABEL_SCORE)?.value ?? null;
  if (sort === "density") return latent?.density ?? null;
  if (sort === "maximum") return latent?.maximum ?? null;
  return sort === "latent" ? (latent?.latent ?? null) : null;
}

/** Sorts maps; those without the figure come last, and ties keep the atlas's order. */
export function sorted(maps: readonly AtlasMap[], sort: Sort): AtlasMap[] {
  if (sort === "order") return [...maps];
  if (sort === "name") return [...maps].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  // A latent whose label is poor is the one to look at: its map shows what the label misses.
  const sign = sort === "latent" || sort === "score" ? 1 : -1;
  return [...maps].sort((a, b) => {
    const [one, other] = [figureOf(a, sort), figureOf(b, sort)];
    if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0);
    return sign * (one - other);
  });
}

/** How many of the maps are shown, as what they are: latents where some are; "" where all are shown. */
export function shownText(shown: readonly AtlasMap[], all: readonly AtlasMap[]): string {
  const latentsOf = (maps: readonly AtlasMap[]) => maps.filter(({ kind }) => kind === "latent").length;
  if (shown.length === all.length) return "";
  if (latentsOf(all) === 0) return `${countText(shown.length)} of ${countText(all.length)} maps`;
  const [nLatents, nOthers] = [latentsOf(shown), shown.length - latentsOf(shown)];
  const others = nOthers === 0 ? "" : `, and ${nOthers === 1 ? "another map" : `${countText(nOthers)} other maps`}`;
  return `${countText(nLatents)} of ${countText(latentsOf(all))} latents${others}`;
}

/** Maps that have every word of the text in their names, keywords, explanations, flags or number. */
export function matching(maps: readonly AtlasMap[], text: string): AtlasMap[] {
  const words = folded(text).split(/\s+/).filter(Boolean);
  return maps.filter((map) => {
    const said = folded(wordsOf(map).join(" "));
    return words.every((word) => said.includes(word));
  });
}

function wordsOf({ id, title, latent }: AtlasMap): string[] {
  if (!latent) return [id, title];
  const { label, keywords, explanations, flags } = latent;
  return [id, title, label, ...keywords, ...flags, ...explanations.map((one) => one.text)];
}
