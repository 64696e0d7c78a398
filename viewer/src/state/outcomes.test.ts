import { expect, test } from "vitest";
import { FOUND, NOT_FOUND, NOT_TRIED, OUTCOME_SHAPES, OUTCOMES, outcomeGroups, tallyOf, wordsOf } from "./outcomes";

const columns = {
  outcomes: [NOT_FOUND, FOUND, NOT_FOUND, NOT_TRIED, FOUND, 9, NOT_FOUND],
  codes: [1, 1, 1, 1, 0, 1, 1],
  activations: [2, 5, 7, 1, 9, 3, 7],
  itemOf: [10, 11, 12, 13, 14, 15, 6],
};

test("the texts of a region are told apart, what is not found first, and in each group the strongest", () => {
  const groups = outcomeGroups(columns, 1);
  expect(groups.map(({ outcome, texts }) => [outcome, texts.map(({ item }) => item)])).toEqual([
    [NOT_FOUND, [6, 12, 10]],
    [FOUND, [11]],
    [NOT_TRIED, [15, 13]],
  ]);
  expect(groups[0]!.texts[0]).toEqual({ item: 6, activation: 7 });
});

test("the counts of a region are the sums of its flags", () => {
  const byFlag = (flag: number) => columns.outcomes.filter((one, row) => columns.codes[row] === 1 && one === flag).length;
  const tally = tallyOf(outcomeGroups(columns, 1));
  expect(tally).toEqual({ nTried: byFlag(FOUND) + byFlag(NOT_FOUND), nFound: byFlag(FOUND) });
  expect(tallyOf(outcomeGroups(columns, 5))).toEqual({ nTried: 0, nFound: 0 });
});

test("on a tiled map, which names no items, each is its row", () => {
  expect(outcomeGroups({ ...columns, itemOf: null }, 0)[1]!.texts).toEqual([{ item: 4, activation: 9 }]);
});

test("a byte that is not known is one that was not tried", () => {
  expect([9, 0, undefined].map((byte) => wordsOf(byte).outcome)).toEqual([NOT_TRIED, NOT_TRIED, NOT_TRIED]);
});

test("marks differ by shape", () => {
  const shapes = OUTCOMES.map(({ outcome }) => OUTCOME_SHAPES[outcome].path);
  expect(new Set(shapes).size).toBe(OUTCOMES.length);
});
