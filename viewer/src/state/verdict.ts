import type { Latent } from "../bundle/model";
import { countText, percentText } from "./wording";

/** Words for a share between none and all, as one says it: up to halfway to the next. */
const SHARES: [below: number, text: string][] = [
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
  [1, "nearly all"],
];

/** What makes a region one that a label misses. */
const MISSED = "at most half of what it finds elsewhere";

export function shareWords(share: number): string {
  if (share <= 0) return "none";
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
    if (missed.n === 1) {
      const found = n === 0 ? "not much less than elsewhere" : MISSED;
      sentences.push(`In the one region that could be tested it finds ${found}.`);
    } else {
      const tested = `of the ${countText(missed.n)} regions that could be tested`;
      if (n === 0) sentences.push(`In none ${tested} does it find much less than elsewhere.`);
      else sentences.push(`In ${countText(n)} ${tested} it finds ${MISSED}.`);
    }
  }
  return sentences.length > 0 ? sentences.join(" ") : null;
}
