import { expect, test } from "vitest";
import { scoreWords } from "./score-words";

test("the axis of a standard deviation of shares ends at what it can be, that of a share at 1", () => {
  expect([scoreWords("recall_spread").top, scoreWords("recall").top, scoreWords("moonlight").top]).toEqual([0.5, 1, 1]);
});

test("a score without words of its own is called by its name", () => {
  expect(scoreWords("lunar_phase")).toMatchObject({ title: "lunar phase", meaning: "", isCount: false });
});
