/** What came of a text when the label of the map's latent was tried on it; the bytes are those of the atlas. */
export type Outcome = 0 | 1 | 2;

export const NOT_TRIED = 0;
export const FOUND = 1;
export const NOT_FOUND = 2;

export interface OutcomeWords {
  outcome: Outcome;
  name: string;
  /** In a sentence about one text. */
  said: string;
}

/** What one looks for first stands first. */
export const OUTCOMES: readonly OutcomeWords[] = [
  { outcome: NOT_FOUND, name: "Not found", said: "The label does not find this held-out text." },
  { outcome: FOUND, name: "Found", said: "The label finds this held-out text." },
  {
    outcome: NOT_TRIED,
    name: "Not tried",
    said: "The label was not tried on this text: only held-out texts count, each once.",
  },
];

/** What a byte of the atlas says; one that is not known says nothing. */
export function outcomeOf(byte: number | undefined): Outcome {
  return byte === FOUND || byte === NOT_FOUND ? byte : NOT_TRIED;
}

export function wordsOf(byte: number | undefined): OutcomeWords {
  return OUTCOMES.find(({ outcome }) => outcome === outcomeOf(byte))!;
}

/** Texts of one outcome, the strongest first: each with how strongly the latent fires on it. */
export interface OutcomeGroup extends OutcomeWords {
  texts: { item: number; activation: number }[];
}

/** What a map says of its rows, one value each. */
export interface OutcomeColumns {
  outcomes: ArrayLike<number>;
  /** The region of each row at one level. */
  codes: ArrayLike<number>;
  activations: ArrayLike<number>;
  /** The item of each row; null where it is the row. */
  itemOf: ArrayLike<number> | null;
}

/** The texts of a region by what came of them: not found, found, not tried. */
export function outcomeGroups({ outcomes, codes, activations, itemOf }: OutcomeColumns, region: number): OutcomeGroup[] {
  const groups: OutcomeGroup[] = OUTCOMES.map((words) => ({ ...words, texts: [] }));
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] !== region) continue;
    const outcome = outcomeOf(outcomes[row]);
    const { texts } = groups.find((group) => group.outcome === outcome)!;
    texts.push({ item: itemOf ? itemOf[row]! : row, activation: activations[row]! });
  }
  for (const { texts } of groups) texts.sort((a, b) => b.activation - a.activation || a.item - b.item);
  return groups;
}

/** How many held-out texts a label was tried on, and how many of them it finds. */
export interface Tally {
  nTried: number;
  nFound: number;
}

export function tallyOf(groups: readonly OutcomeGroup[]): Tally {
  const count = (outcome: Outcome) => groups.find((group) => group.outcome === outcome)?.texts.length ?? 0;
  return { nTried: count(FOUND) + count(NOT_FOUND), nFound: count(FOUND) };
}

/** An item with a mark for what came of it. */
export interface OutcomeMark {
  item: number;
  outcome: Outcome;
}

/**
 * Marks that differ by shape, and so for every kind of color vision: a cross, a tick on a disc, a ring. Around (0, 0), 8 units to
 * each side; the disc of a tick is drawn before its path.
 */
export const OUTCOME_SHAPES: Record<Outcome, { path: string; widthPx: number; discPx: number }> = {
  [NOT_FOUND]: { path: "M-4.2-4.2 4.2 4.2M4.2-4.2-4.2 4.2", widthPx: 2.6, discPx: 0 },
  [FOUND]: { path: "M-3.2.2-1 2.5 3.3-2.2", widthPx: 1.9, discPx: 6.4 },
  [NOT_TRIED]: { path: "M3.9 0A3.9 3.9 0 1 1-3.9 0A3.9 3.9 0 1 1 3.9 0", widthPx: 1.8, discPx: 0 },
};
