import { expect, test } from "vitest";
import { type Act, actFrom, actTokens, followed } from "./acts";

const shape: Act = {
  how: "set",
  target: {
    kind: "shape",
    corners: [
      { x: -1.25, y: 2 },
      { x: 3.5, y: 2 },
      { x: 3.5, y: -7e-5 },
    ],
  },
};
const some = (how: Act["how"], ...items: number[]): Act => ({ how, target: { kind: "items", items } });
const acts: Act[] = [
  shape,
  { how: "add", target: { kind: "region", level: 1, region: 30 } },
  { how: "less", target: { kind: "items", items: [0, 7] } },
  { how: "add", target: { kind: "found", query: "a_b & =c" } },
  { how: "add", target: { kind: "kept", filters: new Map([["a&b_:c", { kind: "range", low: -1, high: 2.5 }]]) } },
  { how: "flip", target: { kind: "all" } },
];

test("every kind of step survives the address", () => {
  expect(actTokens(acts)!.map(actFrom)).toEqual(acts);
});

test.each([
  "shape_1_2_3_4",
  "shape_1_2_3_4_5",
  "shape_1_2_a_4_5_6",
  "region_1",
  "region_1_-2",
  "region_1_2_3",
  "items_",
  "items_1.5",
  "found_",
  "kept_",
  "kept_%",
  "moon_1",
  "set_items_1",
  "",
])("what is no step is left out: %s", (token) => {
  expect(actFrom(token)).toBeNull();
});

test("a selection that is set anew needs none of the steps before it", () => {
  expect(followed(acts, shape)).toEqual([shape]);
  expect(followed(acts, some("add", 1))).toHaveLength(acts.length + 1);
  expect(followed([], some("add", 1))).toEqual([some("set", 1)]);
});

test("items that are added, or taken away, one after another are one step", () => {
  expect(followed(followed([shape], some("add", 4)), some("add", 9))).toEqual([shape, some("add", 4, 9)]);
  expect(followed([some("set", 4)], some("add", 9))).toEqual([some("set", 4, 9)]);
  expect(followed([shape, some("add", 4, 9)], some("less", 4))).toEqual([shape, some("add", 4, 9), some("less", 4)]);
});

test("what is too long for an address has no tokens", () => {
  expect(
    actTokens([{ how: "set", target: { kind: "items", items: Array.from({ length: 200 }, (_, at) => at) } }]),
  ).not.toBeNull();
  expect(actTokens([{ how: "set", target: { kind: "items", items: Array.from({ length: 201 }, (_, at) => at) } }])).toBeNull();
  expect(actTokens(Array.from({ length: 90 }, () => ({ ...shape, how: "add" as const })))).toBeNull();
});
