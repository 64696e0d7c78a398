import { expect, test } from "vitest";
import type { AtlasMap } from "../bundle/model";
import { categoryColor, categoryColors, numberColor, OTHER, type Rgb, rampColor, rampOf, rampShare, trustColor } from "./palette";
import { columnPalette, FAINT_OPACITY, POINT_OPACITY, shadesOf, trustPalette } from "./point-colors";

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

test("every category has a color of its own, but for the rest, which is gray", () => {
  const colors = categoryColors(column);
  expect(colors[1]).toEqual(OTHER);
  expect(colors[2]).not.toEqual(colors[0]);
  const many = {
    ...column,
    categories: Array.from({ length: 250 }, (_, i) => `c${i}`),
    counts: Array.from({ length: 250 }, (_, i) => 250 - i),
  };
  expect(new Set(categoryColors(many).map(String)).size).toBe(250);
});

test("numbers on both sides of zero have zero in the middle, and equal amounts are equally strong", () => {
  const signed = { ...year, low: -2, high: 6 };
  const plain = { latent: null, activation: null } as AtlasMap;
  expect(rampOf(plain, signed, false)).toBe("signed");
  expect(rampOf(plain, signed, true)).toBe("dark-signed");
  expect(rampOf(plain, year, false)).toBe("number");
  expect(numberColor(signed, 0, "signed")).toEqual(rampColor("signed", 0.5));
  expect(numberColor(signed, 6, "signed")).toEqual(rampColor("signed", 1));
  expect(rampShare(signed, 3, "signed") - 0.5).toBeCloseTo(0.5 - rampShare(signed, -3, "signed"));
});

test("numbers outside the range take its ends, and missing ones are gray", () => {
  expect(numberColor(year, -5)).toEqual(numberColor(year, 0));
  expect(numberColor(year, 99)).toEqual(numberColor(year, 10));
  expect(numberColor(year, Number.NaN)).toEqual(OTHER);
});

test("a palette has a color for every code, and the last is of rows without a value", () => {
  const categories = columnPalette(column);
  expect(categories.slice(0, 3)).toEqual(categoryColors(column));
  expect(categories.at(-1)).toEqual(OTHER);
  const shades = columnPalette(year);
  expect(shades).toHaveLength(256);
  expect([shades[0], shades[254], shades[255]]).toEqual([numberColor(year, 0), numberColor(year, 10), OTHER]);
  expect(trustPalette()[255]).toEqual(trustColor(1));
});

test("numbers are drawn in even shades from the smallest to the largest", () => {
  expect([...shadesOf(year, [0, 10, 5, -3, 99, Number.NaN])]).toEqual([0, 254, 127, 0, 254, 255]);
  const same = { ...year, high: 0 };
  expect([...shadesOf(same, [0, Number.NaN])]).toEqual([0, 255]);
  expect(columnPalette(same)[0]).toEqual(numberColor(same, 0));
});

test("points that a filter leaves out are faint, but there", () => {
  expect(FAINT_OPACITY).toBeGreaterThan(0);
  expect(FAINT_OPACITY / POINT_OPACITY).toBeLessThan(0.1);
});

/** How people without one kind of cone see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISION = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** CIE L*a*b* of a color as somebody sees it. */
function labSeen(color: Rgb, matrix: readonly number[]): [number, number, number] {
  const linear = color.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  const [r, g, b] = [0, 3, 6].map((row) =>
    Math.max(0, matrix[row]! * linear[0]! + matrix[row + 1]! * linear[1]! + matrix[row + 2]! * linear[2]!),
  ) as [number, number, number];
  const x = Math.cbrt((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = Math.cbrt((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test.each(Object.entries(VISION))("shares of misleading neighbors stay apart, and darken, under %s", (_name, matrix) => {
  const seen = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => labSeen(trustColor(share), matrix));
  for (let one = 1; one < seen.length; one++) {
    const [from, to] = [seen[one - 1]!, seen[one]!];
    expect(Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2])).toBeGreaterThan(9);
    expect(to[0]).toBeLessThan(from[0] + 1);
  }
  expect(seen[0]![0] - seen[5]![0]).toBeGreaterThan(30);
});

test.each([
  ["heat", 1],
  ["dark-heat", -1],
] as const)("a latent's activation stands out the more from the page the stronger it is: %s", (ramp, sign) => {
  const seen = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => labSeen(rampColor(ramp, share), [1, 0, 0, 0, 1, 0, 0, 0, 1])[0]);
  for (let one = 1; one < seen.length; one++) expect(sign * (seen[one - 1]! - seen[one]!)).toBeGreaterThan(4);
});

test.each(Object.entries(VISION))("the sixteen most frequent categories stay apart under %s", (_name, matrix) => {
  const seen = Array.from({ length: 16 }, (_, rank) => labSeen(categoryColor(rank), matrix));
  for (const [at, one] of seen.entries()) {
    for (const other of seen.slice(at + 1)) {
      expect(Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])).toBeGreaterThan(12);
    }
  }
});

test.each(Object.entries(VISION))("of 250 categories each differs from the one before it, under %s as well", (_name, matrix) => {
  const seen = Array.from({ length: 250 }, (_, rank) => labSeen(categoryColor(rank), matrix));
  for (let rank = 17; rank < seen.length; rank++) {
    const [one, other] = [seen[rank - 1]!, seen[rank]!];
    expect(Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])).toBeGreaterThan(9);
  }
});

test.each(["signed", "dark-signed"] as const)(
  "both sides of zero stand out the more the further they are from it: %s",
  (ramp) => {
    const sign = ramp === "signed" ? 1 : -1;
    const lightness = (share: number) => labSeen(rampColor(ramp, share), [1, 0, 0, 0, 1, 0, 0, 0, 1])[0];
    for (const side of [-1, 1]) {
      for (const step of [0, 1, 2]) {
        const [near, far] = [0.5 + (side * step) / 6, 0.5 + (side * (step + 1)) / 6];
        expect(sign * (lightness(near) - lightness(far))).toBeGreaterThan(3);
      }
    }
  },
);

test("only the activation that a map is conditioned on is colored by heat", () => {
  const activation = { ...year, name: "activation" };
  const latent = { latent: {}, activation: null } as AtlasMap;
  expect(rampOf(latent, activation, false)).toBe("heat");
  expect(rampOf(latent, activation, true)).toBe("dark-heat");
  expect(rampOf(latent, year, true)).toBe("number");
  expect(rampOf({ latent: null, activation: {} } as AtlasMap, activation, false)).toBe("heat");
  expect(rampOf({ latent: null, activation: null } as AtlasMap, activation, true)).toBe("number");
});
