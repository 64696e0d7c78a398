import { expect, test } from "vitest";
import { chanceOf, commonestTokens, leastLogOdds, tellingValues, tellingWords } from "./apart";

const lines = Array.from({ length: 60 }, (_, at) => `the ${at < 20 ? "Sea" : "sky"} and ${at % 2 ? "a heron" : "a lantern"}`);
const items = Array.from({ length: 60 }, (_, at) => 59 - at);
const mask = Uint8Array.from(items, (item) => Number(item < 20));

test("the least log-odds ratio is that of the formula", () => {
  const told = leastLogOdds(8, 3, { nPicked: 10, nRest: 90 });
  const error = Math.sqrt(1 / 8.5 + 1 / 2.5 + 1 / 3.5 + 1 / 87.5);
  expect(told).toBeCloseTo(Math.log((8.5 * 87.5) / (2.5 * 3.5)) - 1.96 * error, 10);
});

test("the chance of having something as often is Fisher's", () => {
  // Fisher's tea: 3 of 4 cups told, 1 of 4 others; (16 + 1) of 70 tables.
  expect(chanceOf(3, 1, { nPicked: 4, nRest: 4 })).toBeCloseTo(17 / 70, 9);
  expect(chanceOf(4, 0, { nPicked: 4, nRest: 4 })).toBeCloseTo(1 / 70, 9);
  // scipy.stats.hypergeom.sf(13, 1609, 45, 20)
  expect(chanceOf(14, 31, { nPicked: 20, nRest: 1589 }) / 6.858941632462478e-19).toBeCloseTo(1, 6);
  expect(chanceOf(0, 5, { nPicked: 20, nRest: 80 })).toBeCloseTo(1, 9);
});

test("having something far less often than is to be expected is no accident to speak of", () => {
  // The chance of none is e to the power of -2 200: scipy.stats.hypergeom.sf(-1, 10000, 3000, 5000)
  expect(chanceOf(0, 3000, { nPicked: 5000, nRest: 5000 })).toBeCloseTo(1, 7);
  // scipy.stats.hypergeom.sf(199, 1000, 300, 700)
  expect(chanceOf(200, 100, { nPicked: 700, nRest: 300 })).toBeCloseTo(0.9424547746744033, 7);
});

test("a common word that is a little commoner here is not told, and one that most selected titles have is", async () => {
  const titles = Array.from({ length: 1000 }, (_, at) => (at % 10 < (at < 200 ? 4 : 3) ? "this or that" : "this and that"));
  const told = (picked: (at: number) => boolean) => {
    const chosen = Uint8Array.from(titles, (_, at) => Number(picked(at)));
    return tellingWords(titles, Array.from(titles.keys()), chosen, 9, () => true);
  };
  expect(await told((at) => at < 200)).toEqual([]);
  expect((await told((at) => at < 200 && at % 10 < 4)).map(({ name }) => name)).toEqual(["or"]);
});

test("of thousands of words few are told by accident", async () => {
  const titles = Array.from({ length: 400 }, (_, at) =>
    [1, 2, 3, 4, 5].map((turn) => `w${(at * 7919 * turn + turn * turn * 31) % 997}`).join(" "),
  );
  const chosen = Uint8Array.from(titles, (_, at) => Number((at * 53) % 10 === 0));
  expect(await tellingWords(titles, Array.from(titles.keys()), chosen, 50, () => true)).toEqual([]);
});

test("the tokens of selected items are told by how many have them, and those of others only are not", () => {
  const tokens = commonestTokens(["of", "of", "north", null, "of", "sea"], Uint8Array.from([1, 1, 1, 1, 0, 0]), 5);
  expect(tokens).toEqual([
    { name: "of", nPicked: 2, nRest: 1 },
    { name: "north", nPicked: 1, nRest: 0 },
  ]);
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
