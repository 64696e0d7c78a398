import type { Activation, Latent, Weighing } from "../bundle/model";
import { countText, numberText, percentText } from "./wording";

const SAMPLINGS: Record<string, string> = {
  strata: "drawn alike from ten groups of equal count, from the weakest activation to the strongest",
  bins: "drawn alike from ten equal steps of activation, so that the rare strong ones are not lost among the weak",
  top: "those with the largest activations",
};
const SCALES: Record<string, string> = {
  rank: "their ranks by activation",
  max: "their activations as shares of the largest",
  log: "their activations on a logarithmic scale",
};
const TRANSFORMS: Record<string, string> = {
  linear: "",
  sqrt: ", by its square root, which sets small differences apart",
  saturating: ", saturating, so that large differences are much alike",
};

/** Which of the items that the latent fires on the map shows. */
export function samplingText({ sampling, nActive }: Latent, nShown: number): string {
  if (nShown >= nActive) return `All ${countText(nActive)} items on which it fires.`;
  return `${countText(nShown)} of the ${countText(nActive)} items on which it fires, ${SAMPLINGS[sampling] ?? `sampled by “${sampling}”`}.`;
}

/** What makes two items neighbors on a latent's map. */
export function metricText(latent: Latent): string {
  return nearText(latent, latent.keepsLatent ? "the codes of all latents" : "the codes of all other latents", "codes");
}

/** What makes two items neighbors on a map that is conditioned on an activation. */
export function activationMetricText(activation: Activation): string {
  return nearText(activation, "the vectors", "vectors");
}

function nearText({ weight, scale, transform }: Weighing, compared: string, short: string): string {
  if (weight === 0) return `Near are items whose ${short} are alike: cosine distance of ${compared}.`;
  const difference = `the difference of ${SCALES[scale] ?? scale}${TRANSFORMS[transform] ?? `, ${transform}`}`;
  return `Near are items whose ${short} and activations are alike: cosine distance of ${compared}, plus ${numberText(weight)} × ${difference}.`;
}

/** On how many items it fires, and how strongly. */
export function firingText({ nActive, density }: Latent): string {
  return `fires on ${countText(nActive)} items, ${percentText(density)}`;
}
