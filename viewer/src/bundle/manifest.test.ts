import { expect, test } from "vitest";
import type { Manifest } from "../contract/manifest";
import { atlasFrom, fidelityFrom } from "./manifest";

const EMPTY = { format: "vista-atlas", format_version: 1, title: "t", sets: {}, maps: {} } as unknown as Manifest;

test("a newer format is refused, and the message says how to update", () => {
  expect(() => atlasFrom({ ...EMPTY, format_version: 2 })).toThrow("format 2");
});

test("another kind of file is refused", () => {
  expect(() => atlasFrom({ ...EMPTY, format: "other" as "vista-atlas" })).toThrow("does not describe a VISTA atlas");
});

test("an atlas without maps is refused", () => {
  expect(() => atlasFrom(EMPTY)).toThrow("holds no map");
});

test("the share that a map keeps is its gain and what chance keeps", () => {
  const { rows } = fidelityFrom(
    {
      metric: "cosine",
      n_queries: 101,
      exact: true,
      k: [10],
      percent: [null],
      gain: [0.4],
      gain_ci: [[0.4, 0.4]],
      rnx: [0.44],
      rnx_area: 0.3,
      trustworthiness: [0.9],
      continuity: [0.9],
      null: { mean: 0, low: -0.01, high: 0.01, n: 20 },
      trust_k: 10,
      mean_false: 0.1,
      mean_missing: 0.2,
    },
    101,
  );
  expect(rows[0]).toMatchObject({ k: 10, chance: 0.1, kept: 0.5 });
});
