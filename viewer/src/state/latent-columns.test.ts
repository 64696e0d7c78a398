import { expect, test } from "vitest";
import { latentFacts } from "./latent-columns";

test("a latent's columns are told in words, without what is told already or is empty", () => {
  expect(
    latentFacts([
      ["latent", 391],
      ["n_active", 1830],
      ["density", 0.04575],
      ["log density", -1.34],
      ["maximum", 23.078125],
      ["state", "ordinary"],
      ["area", null],
      ["label score", 0.55974],
      ["mine", 7],
    ]),
  ).toEqual([
    ["fires on", "1,830 texts"],
    ["density", "4.6 %"],
    ["largest activation", "23.1"],
    ["state", "ordinary"],
    ["label accuracy", "0.56"],
    ["mine", "7"],
  ]);
});
