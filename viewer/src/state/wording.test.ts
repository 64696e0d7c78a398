import { expect, test } from "vitest";
import { ordinalText } from "./wording";

test.each([
  [1, "1st"],
  [2, "2nd"],
  [3, "3rd"],
  [4, "4th"],
  [11, "11th"],
  [12, "12th"],
  [13, "13th"],
  [20, "20th"],
  [21, "21st"],
  [111, "111th"],
  [1_222, "1,222nd"],
])("ranks are told as people say them: %d", (n, text) => {
  expect(ordinalText(n)).toBe(text);
});
