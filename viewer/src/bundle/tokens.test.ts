import { expect, test } from "vitest";
import { aroundStrongest, piecesOf, strongestOf } from "./tokens";

const span = (start: number, end: number, value: number) => ({ start, end, value });
const said = (pieces: { text: string; value: number }[]) => pieces.map(({ text, value }) => [text, value]);

test("spans count code points, whatever a character takes in JavaScript", () => {
  const text = "a 👩‍👩‍👧‍👦 𝔰𝔢𝔞 of שלום";
  const points = Array.from(text);
  const start = points.indexOf("𝔰");
  expect(said(piecesOf(text, [span(start, start + 3, 2)]))).toEqual([
    ["a 👩‍👩‍👧‍👦 ", 0],
    ["𝔰𝔢𝔞", 2],
    [" of שלום", 0],
  ]);
});

test("the pieces are the text, in any order of the spans and with spans beyond its end", () => {
  const text = "the river, the bank";
  const pieces = piecesOf(text, [span(15, 99, 1), span(4, 9, 3), span(200, 300, 9)]);
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
  expect(said(pieces)).toEqual([
    ["the ", 0],
    ["river", 3],
    [", the ", 0],
    ["bank", 1],
  ]);
});

test("tokens that share a character are one piece with the larger value", () => {
  expect(said(piecesOf("x🦊y", [span(1, 2, 1), span(1, 2, 4), span(1, 2, 2)]))).toEqual([
    ["x", 0],
    ["🦊", 4],
    ["y", 0],
  ]);
});

test("the space in front of a token's word is not tinted, unless it is all that there is", () => {
  expect(said(piecesOf("to her \n", [span(2, 6, 3), span(6, 8, 1)]))).toEqual([
    ["to ", 0],
    ["her", 3],
    [" \n", 1],
  ]);
});

test("a text without tokens is one piece, and an empty one none", () => {
  expect(said(piecesOf("plain", []))).toEqual([["plain", 0]]);
  expect(piecesOf("", [span(0, 1, 1)])).toEqual([]);
});

test("a long text is cut around its strongest token, between words in front of it", () => {
  const text = `${"far away and long ago ".repeat(9)}a river ran ${"on and on ".repeat(9)}`;
  const at = text.indexOf("river");
  const cut = aroundStrongest(piecesOf(text, [span(at, at + 5, 7), span(0, 3, 1)]), 12);
  expect(cut.map((piece) => piece.text).join("")).toBe("…long ago a river ran on and…");
  expect(cut.find((piece) => piece.text === "river")?.value).toBe(7);
});

test("a text that is short enough is not cut", () => {
  expect(aroundStrongest(piecesOf("a river", [span(2, 7, 1)]), 12).map((piece) => piece.text)).toEqual(["a ", "river"]);
});

test("the strongest token is told folded, and there is none where nothing is active", () => {
  expect(strongestOf(piecesOf("a Café, a sea", [span(10, 13, 1), span(2, 6, 3)]))).toBe("cafe");
  expect(strongestOf(piecesOf("a sea", []))).toBeNull();
});
