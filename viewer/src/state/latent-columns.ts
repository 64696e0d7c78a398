import { countText, numberText, percentText, valueText } from "./wording";

/** What the columns of a dictionary mean, and how their values are said; columns that say the same again are left out. */
const TOLD: Record<string, [name: string, told: (value: number) => string] | null> = {
  latent: null,
  "log density": null,
  n_active: ["fires on", (value) => `${countText(value)} ${value === 1 ? "text" : "texts"}`],
  density: ["density", percentText],
  maximum: ["largest activation", (value) => numberText(value)],
  mean: ["mean activation", (value) => numberText(value)],
  area: ["area under R_NX", (value) => numberText(value)],
  "label score": ["label accuracy", (value) => numberText(value, 2)],
};

/** A latent's columns in words, as its card has them; those that are not known stay as they are, and empty ones are left out. */
export function latentFacts(columns: readonly (readonly [string, unknown])[]): [name: string, text: string][] {
  return columns.flatMap(([name, value]): [string, string][] => {
    const told = TOLD[name];
    if (told === null || value === null || value === undefined) return [];
    return [told && typeof value === "number" ? [told[0], told[1](value)] : [name, valueText(value)]];
  });
}
