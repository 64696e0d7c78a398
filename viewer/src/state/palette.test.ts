import { expect, test } from "vitest";
import { categoryColors, numberColor, OTHER } from "./palette";
import { colorsByColumn, MISSING } from "./point-colors";

const group = {
  name: "g",
  kind: "category",
  path: "",
  dtype: "uint8",
  categories: ["rare", "other", "common"],
  counts: [1, 9, 5],
} as const;
const column = { ...group, categories: [...group.categories], counts: [...group.counts] };
const year = { name: "y", kind: "number", path: "", dtype: "float32", low: 0, high: 10 } as const;

test("the most frequent categories get their own colors, and the rest is gray", () => {
  const colors = categoryColors(column);
  expect(colors[1]).toEqual(OTHER);
  expect(colors[2]).not.toEqual(colors[0]);
  const many = {
    ...column,
    categories: Array.from({ length: 30 }, (_, i) => `c${i}`),
    counts: Array.from({ length: 30 }, (_, i) => 30 - i),
  };
  expect(categoryColors(many)[29]).toEqual(OTHER);
});

test("numbers outside the range take its ends, and missing ones are gray", () => {
  expect(numberColor(year, -5)).toEqual(numberColor(year, 0));
  expect(numberColor(year, 99)).toEqual(numberColor(year, 10));
  expect(numberColor(year, Number.NaN)).toEqual(OTHER);
});

test("hidden categories are clear, missing values among them when they are hidden", () => {
  const alphas = (hidden: number[]) => {
    const rgba = colorsByColumn(column, Uint8Array.from([0, 2, 255]), new Set(hidden), 200);
    return [rgba[3], rgba[7], rgba[11]];
  };
  expect(alphas([])).toEqual([200, 200, 200]);
  expect(alphas([2])).toEqual([200, 0, 200]);
  expect(alphas([MISSING])).toEqual([200, 200, 0]);
});
