import { expect, test, vi } from "vitest";
import type { MapData } from "../bundle/map-data";
import { FOUND, NOT_TRIED } from "./outcomes";
import { TriedTexts } from "./tried-texts.svelte";

/** A latent's map of three texts in two regions, of which the label was tried on one of the first. */
function textsOfTwoRegions(): TriedTexts {
  const region = { name: "by the sea" };
  const data = {
    map: { latent: { maximum: 8 }, colors: [{ name: "activation", kind: "number" }] },
    isTiled: true,
    regions: async () => [[region, region]],
    outcomes: async () => [FOUND, NOT_TRIED, NOT_TRIED],
    regionCodes: async () => [0, 0, 1],
    colorValues: async () => [5, 3, 7],
  };
  return new TriedTexts(data as unknown as MapData);
}

test("the texts of a region are marked by what came of them", async () => {
  const texts = textsOfTwoRegions();
  texts.follow({ level: 0, region: 0 }, false);
  await vi.waitFor(() => expect(texts.region).not.toBeNull());
  expect(texts.marks).toEqual([
    { item: 0, outcome: FOUND },
    { item: 1, outcome: NOT_TRIED },
  ]);
});

test("where the label was tried on none of a region's texts, none is marked", async () => {
  const texts = textsOfTwoRegions();
  texts.follow({ level: 0, region: 1 }, false);
  await vi.waitFor(() => expect(texts.region).not.toBeNull());
  expect([texts.region!.groups, texts.marks]).toEqual([null, []]);
});
