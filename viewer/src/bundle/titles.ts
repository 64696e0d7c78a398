/** The texts of a set, ready to be searched: one line an item. */
export interface Titles {
  lines: string[];
  folded: string[];
}

/** Folds case and diacritics, so that "cafe" finds "Café". */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

export function titlesFrom(bytes: Uint8Array): Titles {
  const lines = new TextDecoder().decode(bytes).split("\n");
  return { lines, folded: lines.map(folded) };
}

/**
 * Finds the items whose text holds every word of the query; nearly exact texts first, then by where the first word begins.
 *
 * Returns item rows. An empty query finds nothing.
 */
export function search(titles: Titles, query: string, nItems: number): Uint32Array {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return new Uint32Array(0);
  const phrase = words.join(" ");
  const found: { item: number; score: number }[] = [];
  for (let item = 0; item < Math.min(nItems, titles.folded.length); item++) {
    const line = titles.folded[item]!;
    if (words.every((word) => line.includes(word))) found.push({ item, score: rank(line, phrase, words) });
  }
  found.sort((a, b) => a.score - b.score || a.item - b.item);
  return Uint32Array.from(found, (one) => one.item);
}

/** Smaller is better: the whole text, its start, a whole word, the start of a word, the middle of one. */
function rank(line: string, phrase: string, words: readonly string[]): number {
  if (line === phrase) return 0;
  if (line.startsWith(phrase)) return isBoundary(line, phrase.length) ? 1 : 2;
  const inside = words.reduce((worst, word) => Math.max(worst, wordRank(line, word)), 0);
  return 3 + inside;
}

function wordRank(line: string, word: string): number {
  let best = 2;
  for (let at = line.indexOf(word); at >= 0; at = line.indexOf(word, at + 1)) {
    if (!isBoundary(line, at - 1)) continue;
    if (isBoundary(line, at + word.length)) return 0;
    best = 1;
  }
  return best;
}

function isBoundary(line: string, index: number): boolean {
  const character = line[index];
  return character === undefined || !/[\p{L}\p{N}]/u.test(character);
}
