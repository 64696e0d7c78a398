/** What a score is called, what it says, what its axis runs from and to, and what was counted for it. */
export interface ScoreWords {
  title: string;
  meaning: string;
  /** What the ends of the axis mean. */
  ends: [low: string, high: string];
  /** What the figure is at most, where it is a share. */
  top: number;
  /** What n counts. */
  counted: string;
  /** Whether the figure counts rather than shares. */
  isCount: boolean;
}

const TEXTS = "held-out texts";
const WORDS: Record<string, Omit<ScoreWords, "isCount" | "top"> & { isCount?: true; top?: number }> = {
  detection: {
    title: "Label accuracy (detection)",
    meaning: "Does the label tell texts on which the latent fires from silent ones? Balanced accuracy: 0.5 by chance.",
    ends: ["never right", "always right"],
    counted: TEXTS,
  },
  recall: {
    title: "Recall",
    meaning:
      "Texts on which it fires that the label finds, where on the other half of the texts it finds at most a tenth of the silent ones.",
    ends: ["finds none", "finds all"],
    counted: `${TEXTS} on which it fires`,
  },
  example_embedding: {
    title: "Likeness to examples",
    meaning: "Do examples alone, without a label, tell where it fires? Area under the ROC curve: 0.5 by chance.",
    ends: ["never", "always"],
    counted: TEXTS,
  },
  intruder: {
    title: "Intruders between regions",
    meaning: "Of five texts alike in activation, how often is the one from another region told? 0.2 by chance.",
    ends: ["never", "always"],
    counted: "tasks of five texts",
  },
  recall_spread: {
    title: "Unevenness over regions",
    meaning: "Standard deviation of the label's recall from region to region.",
    ends: ["alike in all", "all or nothing"],
    top: 0.5,
    counted: "regions",
  },
  missed_regions: {
    title: "Regions that it misses",
    meaning: "Regions in which it finds at most half of what it finds elsewhere, beyond accident.",
    ends: ["none", "all that could be tested"],
    counted: "regions",
    isCount: true,
  },
  delta_f1: {
    title: "Gain by labels of regions",
    meaning: "What F1 gains when every region may have a label of its own; below 0 the one label is better.",
    ends: ["no gain", "labels of regions"],
    counted: TEXTS,
  },
  single_token: {
    title: "On one token",
    meaning: "Share of its items with the largest activation on one and the same token.",
    ends: ["many tokens", "one token"],
    counted: "texts on which it fires",
  },
};

export function scoreWords(name: string): ScoreWords {
  const known = WORDS[name];
  const unknown = { title: name.replaceAll("_", " "), meaning: "", ends: ["", ""] as [string, string], counted: "trials" };
  return { ...(known ?? unknown), top: known?.top ?? 1, isCount: known?.isCount === true };
}
