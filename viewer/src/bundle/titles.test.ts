import { expect, test } from "vitest";
import { search, titlesFrom } from "./titles";

const titles = titlesFrom(new TextEncoder().encode("Café au lait\ncoffee cup\nа́рфа\nbig cup of tea\ncup\nteacup\n<b>cup</b>"));
const found = (query: string) => [...search(titles, query, 7)];

test("case and diacritics do not matter, in any script", () => {
  expect(found("CAFE")).toEqual([0]);
  expect(found("АРФА")).toEqual([2]);
});

test("every word must be there, in any order", () => {
  expect(found("tea cup")).toEqual([3, 5]);
  expect(found("tea horse")).toEqual([]);
});

test("the whole text comes first, then its start, then whole words, then parts of words", () => {
  expect(found("cup")).toEqual([4, 1, 3, 6, 5]);
});

test("an empty query finds nothing", () => {
  expect(found("  ")).toEqual([]);
});

test("lines beyond the set's items are not found", () => {
  expect([...search(titles, "cup", 2)]).toEqual([1]);
});
