/** What a score is called, what it says, and what its axis runs to; `isCount` marks figures that count rather than share. */
export interface ScoreWords {
  title: string;
  meaning: string;
  isCount: boolean;
}

const WORDS: Record<string, [title: string, meaning: string, isCount?: true]> = {
  detection: ["Detection", "Does the label tell texts on which the latent fires from silent ones? Balanced accuracy."],
  recall: ["Recall", "Texts on which it fires that the label finds, where it also finds a tenth of the silent ones."],
  example_embedding: [
    "Likeness to examples",
    "Do examples alone, without a label, tell where it fires? Area under the ROC curve.",
  ],
  intruder: ["Intruders between regions", "Of five texts alike in activation, how often is the one from another region told?"],
  recall_spread: ["Unevenness over regions", "Standard deviation of the label's recall from region to region."],
  missed_regions: [
    "Regions that it misses",
    "Regions in which it finds at most half of what it finds elsewhere, beyond accident.",
    true,
  ],
  delta_f1: ["Gain by labels of regions", "What F1 gains when every region may have a label of its own."],
  single_token: ["On one token", "Share of its items with the largest activation on one and the same token."],
};

export function scoreWords(name: string): ScoreWords {
  const known = WORDS[name];
  return known
    ? { title: known[0], meaning: known[1], isCount: known[2] === true }
    : { title: name.replaceAll("_", " "), meaning: "", isCount: false };
}
