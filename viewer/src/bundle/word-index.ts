import type { AtlasFiles } from "./files";
import { inflated } from "./gzip";
import { folded } from "./titles";

/** Terms are cut at so many code points, as `docs/format.md` says. */
const LONGEST_TERM = 40;

/** The paths of a set's word index. */
export interface WordIndexFiles {
  terms: string;
  index: string;
  postings: string;
}

/** What `terms.idx` holds: the first term of every block, and where its terms and its postings start. */
interface TopIndex {
  first: Uint8Array[];
  terms: number[];
  postings: number[];
}

/** A term, and where the items that hold it are listed. */
interface Term {
  bytes: Uint8Array;
  start: number;
  length: number;
}

/**
 * Finds the items that hold some words, in an index of which only what a query needs is read.
 *
 *     typed: "red fo"    red → one term    fo… → all terms that begin so, side by side    both: what is in both lists
 */
export class WordIndex {
  private top: Promise<TopIndex> | undefined;
  private readonly blocks = new Map<number, Promise<Term[]>>();

  constructor(
    private readonly files: AtlasFiles,
    private readonly paths: WordIndexFiles,
    private readonly nItems: number,
  ) {}

  /** The items that hold every word, ascending; the last word may be just begun. An empty query finds nothing. */
  async search(query: string): Promise<Uint32Array> {
    const words = wordsOf(query);
    const lists = await Promise.all(words.map((word, place) => this.itemsWith(word, place === words.length - 1)));
    lists.sort((a, b) => a.length - b.length);
    return lists.length === 0 ? new Uint32Array(0) : lists.reduce(inBoth);
  }

  private async itemsWith(word: Uint8Array, isBegun: boolean): Promise<Uint32Array> {
    const terms = await this.termsOf(word, isBegun);
    const first = terms[0];
    const last = terms.at(-1);
    if (!first || !last) return new Uint32Array(0);
    const bytes = await this.files.span(this.paths.postings, first.start, last.start + last.length - first.start);
    const holds = new Uint8Array(this.nItems);
    let n = 0;
    for (const term of terms) {
      let item = 0;
      for (const gap of varints(bytes, term.start - first.start, term.length)) {
        item += gap;
        if (item < this.nItems && holds[item] === 0) {
          holds[item] = 1;
          n++;
        }
      }
    }
    const items = new Uint32Array(n);
    for (let item = 0, at = 0; at < n; item++) if (holds[item] === 1) items[at++] = item;
    return items;
  }

  /** The term itself, or all terms that begin with it; they lie side by side. */
  private async termsOf(word: Uint8Array, isBegun: boolean): Promise<Term[]> {
    const top = await this.readTop();
    const begins = top.first.findIndex((first) => compared(first, word) > 0);
    const from = Math.max(0, (begins < 0 ? top.first.length : begins) - 1);
    let until = from + 1;
    while (until < top.first.length && startsWith(top.first[until]!, word)) until++;
    const blocks = await Promise.all(Array.from({ length: until - from }, (_, place) => this.block(from + place)));
    return blocks.flat().filter(({ bytes }) => (isBegun ? startsWith(bytes, word) : compared(bytes, word) === 0));
  }

  private readTop(): Promise<TopIndex> {
    this.top ??= this.files.readJson<{ first: string[]; terms: number[]; postings: number[] }>(this.paths.index).then((told) => ({
      ...told,
      first: told.first.map((term) => new TextEncoder().encode(term)),
    }));
    this.top.catch(() => (this.top = undefined));
    return this.top;
  }

  private block(number: number): Promise<Term[]> {
    let block = this.blocks.get(number);
    if (!block) {
      block = this.readBlock(number);
      this.blocks.set(number, block);
      block.catch(() => this.blocks.delete(number));
    }
    return block;
  }

  private async readBlock(number: number): Promise<Term[]> {
    const { terms, postings } = await this.readTop();
    const start = terms[number];
    const end = terms[number + 1];
    const firstPosting = postings[number];
    if (start === undefined || end === undefined || firstPosting === undefined) return [];
    return termsFrom(await inflated(await this.files.span(this.paths.terms, start, end - start)), firstPosting);
  }
}

/** The words of a query as the index spells them: without case and marks, as UTF-8. */
export function wordsOf(query: string): Uint8Array[] {
  const words = folded(query)
    .replaceAll("ς", "σ")
    .split(/[^\p{L}\p{N}]+/u);
  return words.filter(Boolean).map((word) => new TextEncoder().encode([...word].slice(0, LONGEST_TERM).join("")));
}

/** Reads a block of terms, each told by what it shares with the one before. */
export function termsFrom(block: Uint8Array, firstPosting: number): Term[] {
  const terms: Term[] = [];
  let at = 0;
  let start = firstPosting;
  let before: Uint8Array = new Uint8Array(0);
  const next = (): number => {
    let value = 0;
    for (let factor = 1; at < block.length; factor *= 128) {
      const byte = block[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < block.length) {
    const shared = Math.min(next(), before.length);
    const rest = next();
    const bytes = new Uint8Array(shared + rest);
    bytes.set(before.subarray(0, shared));
    bytes.set(block.subarray(at, at + rest), shared);
    at += rest;
    next(); // how many items hold it
    const length = next();
    terms.push({ bytes, start, length });
    start += length;
    before = bytes;
  }
  return terms;
}

/** Whole numbers in 7 bits a byte, low bits first. */
function* varints(bytes: Uint8Array, start: number, length: number): Generator<number> {
  let value = 0;
  let factor = 1;
  for (let at = start; at < Math.min(start + length, bytes.length); at++) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte >= 0x80) continue;
    yield value;
    value = 0;
    factor = 1;
  }
}

function inBoth(one: Uint32Array, other: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(one.length, other.length));
  let n = 0;
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    const difference = one[a]! - other[b]!;
    if (difference === 0) both[n++] = one[a]!;
    if (difference <= 0) a++;
    if (difference >= 0) b++;
  }
  return both.slice(0, n);
}

/** Below zero where `one` comes first in the order of bytes. */
function compared(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    if (one[at] !== other[at]) return one[at]! - other[at]!;
  }
  return one.length - other.length;
}

function startsWith(term: Uint8Array, beginning: Uint8Array): boolean {
  return term.length >= beginning.length && compared(term.subarray(0, beginning.length), beginning) === 0;
}
