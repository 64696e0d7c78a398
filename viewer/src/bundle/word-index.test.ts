import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AtlasFiles } from "./files";
import { inflated } from "./gzip";
import { termsFrom, WordIndex, wordsOf } from "./word-index";

interface Fixture {
  n_items: number;
  index: string;
  terms: string;
  postings: string;
  found: Record<string, number[]>;
}

/** An index that `tests/atlas/test_word_index.py` wrote, and what each query must find. */
const FIXTURE = JSON.parse(readFileSync(new URL("./word-index.fixture.json", import.meta.url), "utf8")) as Fixture;
const PATHS = { index: "index", terms: "terms", postings: "postings" };

function indexOf(fixture: Fixture) {
  const bytes = (path: string) => Uint8Array.from(atob(fixture[path as keyof typeof PATHS]), (letter) => letter.charCodeAt(0));
  const asked: string[] = [];
  const files = {
    span: async (path: string, offset: number, length: number) => {
      asked.push(path);
      return bytes(path).slice(offset, offset + length);
    },
    readJson: async (path: string) => JSON.parse(new TextDecoder().decode(await inflated(bytes(path)))),
  } as unknown as AtlasFiles;
  return { index: new WordIndex(files, PATHS, fixture.n_items), asked };
}

test.each(Object.keys(FIXTURE.found))("the query '%s' finds what reading all texts finds", async (query) => {
  const { index } = indexOf(FIXTURE);
  expect([...(await index.search(query))]).toEqual(FIXTURE.found[query]);
});

test("a word costs one request to the terms and one to the postings, and its block is kept", async () => {
  const { index, asked } = indexOf(FIXTURE);
  await index.search("ambergris");
  expect(asked).toEqual(["terms", "postings"]);
  await index.search("ambergris");
  expect(asked).toEqual(["terms", "postings", "postings"]);
});

test("words lose case and marks, and a word that never ends is cut", () => {
  const told = (query: string) => wordsOf(query).map((word) => new TextDecoder().decode(word));
  expect(told(" Café—ΣΊΣΥΦΟΣ, x86_64! ")).toEqual(["cafe", "σισυφοσ", "x86", "64"]);
  expect(told("b".repeat(500))).toEqual(["b".repeat(40)]);
  expect(told("… ?")).toEqual([]);
});

test("a block that is cut short gives what it has", () => {
  expect(termsFrom(new Uint8Array(0), 0)).toEqual([]);
  expect(termsFrom(Uint8Array.of(9, 200), 0)).toHaveLength(1);
});
