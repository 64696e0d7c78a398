import type { TokensRow } from "../contract/parts";
import type { TokenSpan } from "./model";
import { folded } from "./titles";

/** A piece of a text; `value` is the activation of the token that it is, 0 between such tokens. */
export interface TextPiece {
  text: string;
  value: number;
}

export function spansFrom(row: TokensRow): TokenSpan[] {
  return row.map(([start, end, value]) => ({ start, end, value }));
}

/**
 * Cuts a text into the tokens that a latent fires on and what lies between them.
 *
 * Spans count code points, as Python does, and JavaScript's strings count UTF-16 units: a character beyond the first 65 536
 * is one of the former and two of the latter. Tokens that share a character (bytes of one emoji) become one piece, with the
 * larger value.
 */
export function piecesOf(text: string, spans: readonly TokenSpan[]): TextPiece[] {
  const points = Array.from(text);
  const starts = unitStarts(points);
  const nPoints = starts.length - 1;
  const pieces: TextPiece[] = [];
  let done = 0;
  const add = (to: number, value: number) => {
    if (to > done) pieces.push({ text: text.slice(starts[done], starts[to]), value });
    done = Math.max(done, to);
  };
  for (const { start, end, value } of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = pieces.at(-1);
    if (start < done && last) last.value = Math.max(last.value, value);
    add(Math.min(wordStart(points, start, end), nPoints), 0);
    add(Math.min(end, nPoints), value);
  }
  add(nPoints, 0);
  return pieces;
}

/** The strongest token of a text as it is counted, folded; null where none is active. */
export function strongestOf(pieces: readonly TextPiece[]): string | null {
  const strongest = pieces[strongestAt(pieces)];
  return (strongest && strongest.value > 0 && folded(strongest.text).trim()) || null;
}

/** The pieces around the strongest token, at most `nUnits` UTF-16 units on either side of it; "…" stands for what is left out. */
export function aroundStrongest(pieces: readonly TextPiece[], nUnits: number): TextPiece[] {
  const strongest = strongestAt(pieces);
  if (pieces.length === 0) return [];
  const before = takeWhile(pieces.slice(0, strongest).reverse(), nUnits, (text, n) => `…${wordsFrom(text.slice(-n))}`);
  const after = takeWhile(pieces.slice(strongest + 1), nUnits, (text, n) => `${text.slice(0, n).trimEnd()}…`);
  return [...before.reverse(), pieces[strongest]!, ...after];
}

function takeWhile(pieces: readonly TextPiece[], nUnits: number, shorten: (text: string, n: number) => string): TextPiece[] {
  const taken: TextPiece[] = [];
  let left = nUnits;
  for (const piece of pieces) {
    if (piece.text.length <= left) taken.push(piece);
    else {
      taken.push({ text: shorten(piece.text, left), value: piece.value });
      break;
    }
    left -= piece.text.length;
  }
  return taken;
}

/** What is left of a text without the rest of the word that it begins within. */
function wordsFrom(text: string): string {
  const space = text.search(/\s/);
  return space < 0 ? text : text.slice(space + 1);
}

/** Tokens begin with the space in front of their word, which is not to be tinted; one that is nothing but space is. */
function wordStart(points: readonly string[], start: number, end: number): number {
  let at = start;
  while (at < end && at < points.length && /\s/.test(points[at]!)) at++;
  return at < Math.min(end, points.length) ? at : start;
}

/** Where each code point of a text begins in UTF-16 units, and where the text ends. */
function unitStarts(points: readonly string[]): number[] {
  const starts = [0];
  for (const point of points) starts.push(starts.at(-1)! + point.length);
  return starts;
}

function strongestAt(pieces: readonly TextPiece[]): number {
  return pieces.reduce((best, piece, at) => (piece.value > pieces[best]!.value ? at : best), 0);
}
