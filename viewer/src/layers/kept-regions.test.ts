import { expect, test } from "vitest";
import type { MapData } from "../bundle/map-data";
import { KeptRegions } from "./kept-regions";

const codes = Uint16Array.from([0, 1, 1, 2]);

test("a region is gone when the filters keep none of its items, once that is known", async () => {
  let nTold = 0;
  const data = { regionCodes: async () => codes } as unknown as MapData;
  const kept = new KeptRegions(data, Uint8Array.from([1, 0, 1, 0]), () => nTold++);
  expect(kept.isGone(0, 2)).toBe(false);
  await new Promise((resolve) => setTimeout(resolve));
  expect([0, 1, 2].map((region) => kept.isGone(0, region))).toEqual([false, false, true]);
  expect(nTold).toBe(1);
});

test("where an atlas does not say what lies in a region, none is gone", async () => {
  const data = { regionCodes: async () => null } as unknown as MapData;
  const kept = new KeptRegions(data, new Uint8Array(4), () => {});
  kept.isGone(0, 0);
  await new Promise((resolve) => setTimeout(resolve));
  expect(kept.isGone(0, 0)).toBe(false);
});
