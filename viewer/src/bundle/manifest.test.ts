import { expect, test } from "vitest";
import type { FidelityEntry, Manifest } from "../contract/manifest";
import { atlasFrom, fidelityFrom } from "./manifest";

const EMPTY = { format: "vista-atlas", format_version: 1, title: "t", sets: {}, maps: {} } as unknown as Manifest;

test("a newer format is refused, and the message says how to update", () => {
  expect(() => atlasFrom({ ...EMPTY, format_version: 3 })).toThrow("format 3");
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

test("the gain of cosine keeps to its neighborhood sizes when these are put in order", () => {
  const figures = { gain: [0.3, 0.4], rnx: [0.3, 0.4], trustworthiness: [1, 1], continuity: [1, 1] };
  const ci: [number, number][] = [
    [0, 1],
    [0, 1],
  ];
  const entry = {
    ...figures,
    metric: "latent",
    n_queries: 9,
    exact: true,
    k: [20, 10],
    percent: [5, null],
    gain_ci: ci,
    null: {},
  };
  const { rows } = fidelityFrom(entry as unknown as FidelityEntry, 101, [0.2, 0.1]);
  expect(rows.map(({ k, gainCosine }) => [k, gainCosine])).toEqual([
    [10, 0.1],
    [20, 0.2],
  ]);
});

test("a map brings the notes of its own run", () => {
  const map = {
    set: "main",
    n_items: 1,
    title: "",
    extent: { x0: 0, y0: 0, size: 2 },
    points: {},
    colors: [],
    collage: null,
    fidelity: { k: [], percent: [], gain: [], gain_ci: [], rnx: [], trustworthiness: [], continuity: [], null: {} },
    representation: {},
    layout: {},
  };
  const run = (id: string, ...warnings: string[]) => ({ map: id, warnings, n_skipped: warnings.length });
  const manifest = { ...EMPTY, maps: { a: map, b: map }, provenance: run("b", "of b"), history: [run("a")], warnings: ["of b"] };
  const { maps } = atlasFrom(manifest as unknown as Manifest);
  expect([maps.get("a")!.notes, maps.get("b")!.notes]).toEqual([[], ["of b"]]);
  expect(maps.get("a")!.bounds).toEqual({ x0: 0, y0: 0, x1: 2, y1: 2 });
  expect(maps.get("a")).toMatchObject({
    kind: "items",
    neighbors: null,
    tokens: null,
    terrain: null,
    latent: null,
    activation: null,
    moranI: null,
  });
  expect(maps.get("a")!.opens.size).toBe(0);
});
