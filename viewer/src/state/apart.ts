import { nextTurn } from "../bundle/inside";
import type { CategoryColor } from "../bundle/model";
import { folded } from "../bundle/titles";
import { categoryCounts } from "./filters";

/** Something that items have or lack, and how many of the selected and of the other items have it. */
export interface Trait {
  name: string;
  nPicked: number;
  nRest: number;
  /** Log-odds ratio over its standard error. */
  z: number;
}

export interface Totals {
  nPicked: number;
  nRest: number;
}

const ITEMS_AT_ONCE = 20_000;
/** What fewer of the selected items have says little of them. */
const FEWEST = 2;
/** Below, as much may come about by accident, given how many words are looked at. */
const LEAST_Z = 2.5;

/**
 * How far the odds of having something are higher among the selected items than among the others, in standard errors.
 *
 * The logarithm of (a + ½)(d + ½) ÷ ((b + ½)(c + ½)) over the square root of the sum of the four inverses, where a selected and c
 * other items have it, and b selected and d other items lack it (Haldane 1956, Anscombe 1956).
 */
export function logOdds(nPicked: number, nRest: number, totals: Totals): number {
  const [a, c] = [nPicked + 0.5, nRest + 0.5];
  const [b, d] = [totals.nPicked - nPicked + 0.5, totals.nRest - nRest + 0.5];
  return Math.log((a * d) / (b * c)) / Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d);
}

/**
 * The words whose presence in their titles sets selected items apart from the others of a map, the most telling first.
 *
 * Works in pieces, so that no frame waits for it; `isWanted` says before each whether the answer is still wanted.
 */
export async function tellingWords(
  lines: readonly string[],
  items: ArrayLike<number>,
  mask: Uint8Array,
  most: number,
  isWanted: () => boolean,
): Promise<Trait[]> {
  const counts = new Map<string, [picked: number, rest: number]>();
  const totals = totalsOf(mask);
  for (let start = 0; start < items.length; start += ITEMS_AT_ONCE) {
    if (start > 0) await nextTurn();
    if (!isWanted()) return [];
    for (let row = start; row < Math.min(items.length, start + ITEMS_AT_ONCE); row++) {
      const side = mask[row] === 1 ? 0 : 1;
      for (const word of wordsOf(lines[items[row]!] ?? "")) {
        const count = counts.get(word) ?? [0, 0];
        count[side]++;
        counts.set(word, count);
      }
    }
  }
  const traits = [...counts].map(([name, [nPicked, nRest]]) => ({ name, nPicked, nRest, z: logOdds(nPicked, nRest, totals) }));
  return mostTelling(traits, most);
}

/** The values of a column that selected items have more often than the others. */
export function tellingValues(column: CategoryColor, codes: ArrayLike<number>, mask: Uint8Array, most: number): Trait[] {
  const all = categoryCounts(column, codes);
  const picked = categoryCounts(column, codes, mask);
  const totals = totalsOf(mask);
  const traits = column.categories.map((name, code) => {
    const [nPicked, nRest] = [picked[code]!, all[code]! - picked[code]!];
    return { name, nPicked, nRest, z: logOdds(nPicked, nRest, totals) };
  });
  return mostTelling(traits, most);
}

export function totalsOf(mask: Uint8Array): Totals {
  let nPicked = 0;
  for (let row = 0; row < mask.length; row++) nPicked += mask[row]!;
  return { nPicked, nRest: mask.length - nPicked };
}

function mostTelling(traits: readonly Trait[], most: number): Trait[] {
  const telling = traits.filter(({ nPicked, z }) => nPicked >= FEWEST && z >= LEAST_Z);
  return telling.sort((a, b) => b.z - a.z || b.nPicked - a.nPicked || (a.name < b.name ? -1 : 1)).slice(0, most);
}

function wordsOf(line: string): Set<string> {
  return new Set(folded(line).match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*[\p{L}\p{N}]/gu) ?? []);
}
