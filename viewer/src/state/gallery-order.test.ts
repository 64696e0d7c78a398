import { expect, test } from "vitest";
import type { AtlasMap } from "../bundle/model";
import { figureOf, isSort, matching, nameOf, type Sort, shownText, sorted } from "./gallery-order";

function latentMap(
  latent: number,
  facts: { label?: string; score?: number | null; nItems?: number; kept?: number | null; flags?: string[] },
): AtlasMap {
  const { label = "", score = null, nItems = 1, kept = null, flags = [] } = facts;
  const explanations = [{ text: `explained ${label}`, source: "s" }];
  const scores = [{ name: "recall", value: 0.5 - latent / 100, n: 1, baselines: [] }];
  if (score !== null) scores.push({ name: "detection", value: score, n: 1, baselines: [] });
  const known = { latent, label, keywords: ["Café"], explanations, flags, scores, density: latent / 10, maximum: -latent };
  return {
    id: `latent-${latent}`,
    title: `${latent} · ${label}`,
    nItems,
    latent: known,
    fidelity: {
      rows: [
        { k: 500, kept: 0.9 },
        { k: 11, kept },
        { k: 1, kept: 0.9 },
      ],
    },
  } as unknown as AtlasMap;
}

const rivers = latentMap(7, { label: "Rivers", score: 0.9, nItems: 5, kept: 0.2 });
const anger = latentMap(3, { label: "anger", score: 0.1, nItems: 9, kept: null, flags: ["single token"] });
const unknown = latentMap(5, { nItems: 7, kept: 0.7 });
const maps = [rivers, anger, unknown];
const order = (sort: Sort) => sorted(maps, sort).map(({ latent }) => latent!.latent);

test("a latent is called by its label, or as its map is", () => {
  expect([nameOf(rivers), nameOf(unknown)]).toEqual(["Rivers", "5 · "]);
});

test("maps are sorted by each figure, and those without it come last", () => {
  expect(order("order")).toEqual([7, 3, 5]);
  expect(order("latent")).toEqual([3, 5, 7]);
  expect(order("items")).toEqual([3, 5, 7]);
  expect(order("density")).toEqual([7, 5, 3]);
  expect(order("maximum")).toEqual([3, 5, 7]);
  expect(order("area")).toEqual([5, 7, 3]);
  expect(order("score")).toEqual([3, 7, 5]);
  expect(order("name")).toEqual([5, 3, 7]);
});

test("a map is found by all words of its name, keywords, explanations, flags and number, however they are written", () => {
  const found = (text: string) => matching(maps, text).map(({ latent }) => latent!.latent);
  expect(found("RIVERS explained")).toEqual([7]);
  expect(found("cafe")).toEqual([7, 3, 5]);
  expect(found("single")).toEqual([3]);
  expect(found("latent-5")).toEqual([5]);
  expect(found("")).toEqual([7, 3, 5]);
  expect(found("rivers anger")).toEqual([]);
});

test("a label's score is that of telling texts on which it fires, and fidelity what is kept of the ten nearest", () => {
  expect([figureOf(rivers, "score"), figureOf(unknown, "score")]).toEqual([0.9, null]);
  expect([figureOf(rivers, "area"), figureOf(anger, "area")]).toEqual([0.2, null]);
});

test("only known sorts are sorts", () => {
  expect([isSort("area"), isSort("size"), isSort(undefined)]).toEqual([true, false, false]);
});

test("what a search finds is counted as what it is: latents, and other maps beside them", () => {
  const kinds = (latents: number, others: number) =>
    [...Array(latents).fill({ kind: "latent" }), ...Array(others).fill({ kind: "items" })] as AtlasMap[];
  const all = kinds(18, 2);
  expect(shownText(all, all)).toBe("");
  expect(shownText(kinds(1, 0), all)).toBe("1 of 18 latents");
  expect(shownText(kinds(2, 1), all)).toBe("2 of 18 latents, and another map");
  expect(shownText(kinds(0, 1), kinds(0, 3))).toBe("1 of 3 maps");
});
