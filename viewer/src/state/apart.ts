import { nextTurn } from "../bundle/inside";
import type { CategoryColor } from "../bundle/model";
import { folded } from "../bundle/titles";
import { categoryCounts } from "./filters";

/** Something that items have or lack, and how many of the selected and of the other items have it. */
export interface Trait {
  name: string;
  nPicked: number;
  nRest: number;
  /** The lower end of the 95 % interval of the log-odds ratio. */
  atLeast: number;
}

export interface Totals {
  nPicked: number;
  nRest: number;
}

const ITEMS_AT_ONCE = 20_000;
/** What fewer of the selected items have says little of them. */
const FEWEST = 2;
/** The share of what is told of one list that is expected, at most, to have come about by accident. */
const FALSE_DISCOVERIES = 0.05;
/** The odds must be at least twice those of the others, else a common word that is a little commoner here would be told. */
const LEAST_LOG_ODDS = Math.log(2);
const HALF_INTERVAL = 1.96;
/** A smaller share of a sum changes none of the digits that matter. */
const NEGLIGIBLE = 1e-12;

/**
 * How far the odds of having something are higher among the selected items than among the others, at least.
 *
 * The logarithm of (a + ½)(d + ½) ÷ ((b + ½)(c + ½)), less 1.96 times the square root of the sum of the four inverses, where a
 * selected and c other items have it, and b selected and d other items lack it (Haldane 1956, Anscombe 1956).
 */
export function leastLogOdds(nPicked: number, nRest: number, totals: Totals): number {
  const [a, c] = [nPicked + 0.5, nRest + 0.5];
  const [b, d] = [totals.nPicked - nPicked + 0.5, totals.nRest - nRest + 0.5];
  return Math.log((a * d) / (b * c)) - HALF_INTERVAL * Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d);
}

/** Fisher's exact test: the chance that a selection of this size, drawn blindly, has something at least as often. */
export function chanceOf(nPicked: number, nRest: number, totals: Totals): number {
  const [nHaving, n] = [nPicked + nRest, totals.nPicked + totals.nRest];
  const most = Math.min(nHaving, totals.nPicked);
  /** Far below the likeliest number a chance is too small for a double, so the sum begins there and goes both ways. */
  const start = Math.max(nPicked, Math.floor(((nHaving + 1) * (totals.nPicked + 1)) / (n + 2)));
  const first = Math.exp(lnChoose(nHaving, start) + lnChoose(n - nHaving, totals.nPicked - start) - lnChoose(n, totals.nPicked));
  const above = (k: number) => ((nHaving - k) * (totals.nPicked - k)) / ((k + 1) * (n - nHaving - totals.nPicked + k + 1));
  let chance = first;
  for (let [k, term] = [start, first]; k < most && term > chance * NEGLIGIBLE; k++) chance += term *= above(k);
  for (let [k, term] = [start, first]; k > nPicked && term > chance * NEGLIGIBLE; k--) chance += term /= above(k - 1);
  return Math.min(1, chance);
}

function lnChoose(n: number, k: number): number {
  return lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);
}

/** By Stirling's series, from 10 on to ten digits. */
function lnFactorial(n: number): number {
  if (n < 10) return Math.log([1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880][n]!);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
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
  const traits = [...counts].map(([name, [nPicked, nRest]]) => traitOf(name, nPicked, nRest, totals));
  return mostTelling(traits, totals, most);
}

/** The values of a column that selected items have more often than the others. */
export function tellingValues(column: CategoryColor, codes: ArrayLike<number>, mask: Uint8Array, most: number): Trait[] {
  const all = categoryCounts(column, codes);
  const picked = categoryCounts(column, codes, mask);
  const totals = totalsOf(mask);
  const traits = column.categories.map((name, code) => {
    return traitOf(name, picked[code]!, all[code]! - picked[code]!, totals);
  });
  return mostTelling(traits, totals, most);
}

/**
 * The tokens on which a latent fires most strongly in each selected item, the commonest first.
 *
 * `strongest` has one token a row, folded, or null where none is known.
 */
export function commonestTokens(strongest: readonly (string | null)[], mask: Uint8Array, most: number): Omit<Trait, "atLeast">[] {
  const counts = new Map<string, [picked: number, rest: number]>();
  strongest.forEach((token, row) => {
    if (!token) return;
    const count = counts.get(token) ?? [0, 0];
    count[mask[row] === 1 ? 0 : 1]++;
    counts.set(token, count);
  });
  const tokens = [...counts].map(([name, [nPicked, nRest]]) => ({ name, nPicked, nRest }));
  return tokens
    .filter(({ nPicked }) => nPicked > 0)
    .sort((a, b) => b.nPicked - a.nPicked || a.nRest - b.nRest || (a.name < b.name ? -1 : 1))
    .slice(0, most);
}

export function totalsOf(mask: Uint8Array): Totals {
  let nPicked = 0;
  for (let row = 0; row < mask.length; row++) nPicked += mask[row]!;
  return { nPicked, nRest: mask.length - nPicked };
}

function traitOf(name: string, nPicked: number, nRest: number, totals: Totals): Trait {
  return { name, nPicked, nRest, atLeast: leastLogOdds(nPicked, nRest, totals) };
}

/**
 * What is told of all that was looked at: what so small a share of it is expected to be by accident (Benjamini and Hochberg 1995), and
 * has at least twice the odds; the largest odds first. What a single item has is not looked at.
 */
function mostTelling(traits: readonly Trait[], totals: Totals, most: number): Trait[] {
  const nLookedAt = traits.filter(({ nPicked, nRest }) => nPicked + nRest >= FEWEST).length;
  const tried = traits
    .filter(({ nPicked, atLeast }) => nPicked >= FEWEST && atLeast >= LEAST_LOG_ODDS)
    .map((trait) => ({ trait, chance: chanceOf(trait.nPicked, trait.nRest, totals) }))
    .sort((one, other) => one.chance - other.chance);
  const nTold = tried.findLastIndex(({ chance }, at) => chance <= (FALSE_DISCOVERIES * (at + 1)) / nLookedAt) + 1;
  const told = tried.slice(0, nTold).map(({ trait }) => trait);
  return told.sort(byOdds).slice(0, most);
}

/** The largest odds first. */
export function byOdds(one: Trait, other: Trait): number {
  return other.atLeast - one.atLeast || other.nPicked - one.nPicked || (one.name < other.name ? -1 : 1);
}

function wordsOf(line: string): Set<string> {
  return new Set(folded(line).match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*[\p{L}\p{N}]/gu) ?? []);
}
