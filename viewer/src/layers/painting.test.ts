import { expect, test } from "vitest";
import { wrapped } from "./painting";

const context = { measureText: (text: string) => ({ width: Array.from(text).length * 10 }) as TextMetrics };

test("a text breaks between words", () => {
  expect(wrapped(context, "one two three", 70, 3)).toEqual(["one two", "three"]);
});

test("what does not fit ends in an ellipsis, within the width", () => {
  const lines = wrapped(context, "one two three four five", 70, 2);
  expect(lines).toEqual(["one two", "three…"]);
});

test("a word longer than the line is cut between characters, not inside one", () => {
  expect(wrapped(context, "🐘🐘🐘🐘🐘🐘", 40, 1)).toEqual(["🐘🐘🐘…"]);
});
