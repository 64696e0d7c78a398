import { expect, test } from "vitest";
import { logOdds, tellingValues, tellingWords } from "./apart";

const lines = Array.from({ length: 60 }, (_, at) => `the ${at < 20 ? "Sea" : "sky"} and ${at % 2 ? "a heron" : "a lantern"}`);
const items = Array.from({ length: 60 }, (_, at) => 59 - at);
const mask = Uint8Array.from(items, (item) => Number(item < 20));

test("the log-odds ratio is that of the formula, and its sign says which side has more", () => {
  const told = logOdds(8, 3, { nPicked: 10, nRest: 90 });
  const by = Math.log((8.5 * 87.5) / (2.5 * 3.5)) / Math.sqrt(1 / 8.5 + 1 / 2.5 + 1 / 3.5 + 1 / 87.5);
  expect(told).toBeCloseTo(by, 10);
  expect(logOdds(3, 8, { nPicked: 90, nRest: 10 })).toBeLessThan(0);
  expect(logOdds(5, 5, { nPicked: 50, nRest: 50 })).toBe(0);
});

test("words that only selected titles have set them apart, and words of all titles do not", async () => {
  const words = await tellingWords(lines, items, mask, 9, () => true);
  expect(words.map(({ name, nPicked, nRest }) => [name, nPicked, nRest])).toEqual([["sea", 20, 0]]);
});

test("a word counts once a title, whatever its case and accents", async () => {
  const titles = [
    "Café café CAFE",
    "cafe",
    "a cafe",
    "CAFÉ!",
    "tea",
    "tea",
    "tea",
    "tea",
    "tea",
    "tea",
    "tea",
    "tea",
    "tea",
    "tea",
  ];
  const picked = Uint8Array.from(titles, (_, at) => Number(at < 4));
  const [first] = await tellingWords(
    titles,
    titles.map((_, at) => at),
    picked,
    3,
    () => true,
  );
  expect([first?.name, first?.nPicked]).toEqual(["cafe", 4]);
});

test("what is no longer wanted is not worked out", async () => {
  expect(await tellingWords(lines, items, mask, 9, () => false)).toEqual([]);
});

test("categories are compared in the same way", () => {
  const column = { name: "g", kind: "category", path: "", dtype: "uint8", categories: ["a", "b"], counts: [20, 40] } as const;
  const codes = items.map((item) => (item < 22 ? 0 : 1));
  const traits = tellingValues({ ...column, categories: [...column.categories], counts: [...column.counts] }, codes, mask, 5);
  expect(traits.map(({ name, nPicked, nRest }) => [name, nPicked, nRest])).toEqual([["a", 20, 2]]);
});
