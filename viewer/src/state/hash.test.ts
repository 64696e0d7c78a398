import { expect, test } from "vitest";
import { type HashState, readHash, writeHash } from "./hash";

test("a view survives the address", () => {
  const state: HashState = {
    map: "layer 12",
    beside: "layer 13 & more",
    isFree: true,
    camera: { x: 1.5, y: -2.25, zoom: 3.125 },
    layers: ["collage", "labels"],
    fidelity: "missing",
    color: "year & group",
    item: 0,
    query: "a=b #c",
    filters: new Map([
      ["year: new", { kind: "range", low: 1990, high: 2000.5 }],
      ["group", { kind: "without", codes: new Set([-1, 3]) }],
    ]),
    selection: [
      { how: "set", target: { kind: "region", level: 0, region: 12 } },
      { how: "less", target: { kind: "found", query: "a&b=c #_%" } },
    ],
    region: { level: 2, region: 0 },
    panels: ["filters", "selection", "card"],
    left: "fidelity",
    marksTop: true,
    theme: "dark",
  };
  expect(readHash(writeHash(state))).toEqual(state);
});

test("the gallery, its order and its words survive the address", () => {
  const state: HashState = { gallery: true, sort: "density", find: "river & bank" };
  expect(writeHash({ gallery: true })).toBe("#gallery");
  expect(readHash(writeHash(state))).toEqual(state);
});

test("the address can be read by people", () => {
  expect(writeHash({ camera: { x: 1, y: 2, zoom: 3 }, layers: ["collage"], item: 4, theme: "system" })).toBe(
    "#c=1,2,3&layers=collage&item=4",
  );
});

test.each([
  "#c=1,2",
  "#c=a,b,c",
  "#c=1,,3",
  "#item=-1",
  "#item=1e9",
  "#theme=blue",
  "#fidelity=all",
  "#layers2=x",
  "#where=year",
  "#sel=moon",
  "#sel=shape_1_2",
  "#region=1",
  "#region=-1.2",
  "#mark=all",
  "#moves=together",
  "#panel=",
  "#panel=moon,,layers",
  "#left=right",
  "#%%%",
])("what is not valid is left out: %s", (hash) => {
  expect(readHash(hash)).toEqual({});
});

test("no layers is a choice, unknown layers are not", () => {
  expect(readHash("#layers=")).toEqual({ layers: [] });
  expect(readHash("#layers=collage,moon")).toEqual({ layers: ["collage"] });
});
