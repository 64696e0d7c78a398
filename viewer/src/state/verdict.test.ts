import { expect, test } from "vitest";
import { shareWords, verdictOf } from "./verdict";

const recall = (value: number | null, silent?: number) => ({
  name: "recall",
  value,
  n: 51,
  baselines: silent === undefined ? [] : [{ name: "silent texts", value: silent }],
});
const missed = (value: number, n: number) => ({ name: "missed_regions", value, n, baselines: [] });

test("the verdict says what the label finds, beside silent texts, and how many regions it misses", () => {
  expect(verdictOf({ scores: [recall(0.7, 0), missed(1, 4)] })).toBe(
    "The label finds about two thirds of the texts on which the latent fires, and 0 % of the silent ones. " +
      "In 1 of the 4 regions that could be tested it finds at most half of what it finds elsewhere.",
  );
  expect(verdictOf({ scores: [recall(0.5), missed(2, 3)] })).toMatch(
    /^The label finds about half .* fires\. In 2 of the 3 regions .* at most half/,
  );
});

test("where no region is missed it says so, and where nothing was judged there is no verdict", () => {
  expect(verdictOf({ scores: [missed(0, 1)] })).toBe(
    "In the one region that could be tested it finds not much less than elsewhere.",
  );
  expect(verdictOf({ scores: [missed(1, 1)] })).toMatch(/^In the one region .* it finds at most half of/);
  expect(verdictOf({ scores: [missed(0, 5)] })).toMatch(/^In none of the 5 regions .* does it find much less/);
  expect(verdictOf({ scores: [recall(null), missed(0, 0)] })).toBeNull();
  expect(verdictOf({ scores: [] })).toBeNull();
});

test.each([
  [0, "none"],
  [1 / 51, "hardly any"],
  [0.1, "about a tenth"],
  [0.49, "about half"],
  [0.9, "about nine tenths"],
  [0.99, "nearly all"],
  [1, "all"],
])("a share of %d is %s", (share, text) => {
  expect(shareWords(share)).toBe(text);
});
