import type { Latent } from "../bundle/model";
import { countText, percentText } from "./wording";

/** Words for a share, as one says it: from its middle to the next. */
const SHARES: [below: number, text: string][] = [
  [0.02, "none"],
  [0.07, "hardly any"],
  [0.15, "about a tenth"],
  [0.22, "about a fifth"],
  [0.29, "about a quarter"],
  [0.37, "about a third"],
  [0.44, "about two fifths"],
  [0.56, "about half"],
  [0.63, "about three fifths"],
  [0.71, "about two thirds"],
  [0.78, "about three quarters"],
  [0.85, "about four fifths"],
  [0.93, "about nine tenths"],
  [0.985, "nearly all"],
];

export function shareWords(share: number): string {
  return SHARES.find(([below]) => share < below)?.[1] ?? "all";
}

/** What the scores of a latent's label come to, in a sentence or two; null where nothing was judged. */
export function verdictOf({ scores }: Pick<Latent, "scores">): string | null {
  const score = (name: string) => scores.find((one) => one.name === name && one.value !== null && one.n > 0);
  const [recall, missed] = [score("recall"), score("missed_regions")];
  const silent = recall?.baselines.find(({ name }) => name === "silent texts")?.value ?? null;
  const sentences: string[] = [];
  if (recall) {
    const found = `The label finds ${shareWords(recall.value!)} of the texts on which the latent fires`;
    sentences.push(silent === null ? `${found}.` : `${found}, and ${percentText(silent)} of the silent ones.`);
  }
  if (missed) {
    const n = Math.round(missed.value!);
    const regions = missed.n === 1 ? "the one region" : `the ${countText(missed.n)} regions`;
    if (n === 0) sentences.push(`In none of ${regions} that could be tested does it find much less than elsewhere.`);
    else sentences.push(`${countText(n)} of ${regions} that could be tested ${n === 1 ? "fires" : "fire"} unseen by it.`);
  }
  return sentences.length > 0 ? sentences.join(" ") : null;
}
