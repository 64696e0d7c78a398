import { expect, test } from "vitest";
import { mergedSpans } from "./spans";

test("spans that lie near to each other become one request, in order of offset", () => {
  const merged = mergedSpans(
    [
      { offset: 200, length: 50 },
      { offset: 0, length: 100 },
      { offset: 110, length: 10 },
    ],
    10,
    1000,
  );
  expect(merged.map(({ offset, length }) => [offset, length])).toEqual([
    [0, 120],
    [200, 50],
  ]);
  expect(merged[0]?.members).toHaveLength(2);
});

test("a joint span never exceeds its limit", () => {
  const merged = mergedSpans(
    [0, 100, 200, 300].map((offset) => ({ offset, length: 100 })),
    0,
    200,
  );
  expect(merged.map(({ length }) => length)).toEqual([200, 200]);
});

test("a span inside another does not shorten it", () => {
  const [one] = mergedSpans(
    [
      { offset: 0, length: 100 },
      { offset: 10, length: 5 },
    ],
    0,
    1000,
  );
  expect(one).toMatchObject({ offset: 0, length: 100 });
});
