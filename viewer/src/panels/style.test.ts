import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

type Color = [red: number, green: number, blue: number, alpha: number];

/** WCAG 2.2 level AA for text. */
const ENOUGH = 4.5;
const style = readFileSync(fileURLToPath(new URL("style.css", import.meta.url)), "utf8");
const [light, dark] = [":root {", ':root[data-theme="dark"] {'].map((start) => {
  const block = style.slice(style.indexOf(start)).split("}")[0]!;
  return new Map([...block.matchAll(/--([\w-]+): ([^;]+);/g)].map(([, name, value]) => [name!, value!]));
});

function parsed(text: string): Color {
  const hex = /^#(..)(..)(..)$/.exec(text);
  if (hex) return [...hex.slice(1).map((part) => Number.parseInt(part, 16)), 1] as Color;
  return [...text.matchAll(/[\d.]+/g)].map(([part]) => Number(part)) as Color;
}

function over([r, g, b, alpha]: Color, below: Color): Color {
  const mix = (top: number, bottom: number) => top * alpha + bottom * (1 - alpha);
  return [mix(r, below[0]), mix(g, below[1]), mix(b, below[2]), 1];
}

function luminance([r, g, b]: Color): number {
  const linear = (part: number) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function contrast(a: Color, b: Color): number {
  const [low, high] = [luminance(a), luminance(b)].sort((one, other) => one - other) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

// What an examination of the page cannot tell: the pictures under a plate are painted on a canvas.
for (const [theme, tokens] of [
  ["light", light!],
  ["dark", dark!],
] as const) {
  const token = (name: string) => parsed(tokens.get(name)!);
  const pictures: [string, Color][] = [
    ["a black picture", [0, 0, 0, 1]],
    ["a white picture", [255, 255, 255, 1]],
    ["the empty page", token("page")],
  ];

  test.each(pictures)(`names stand out in the ${theme} theme over %s`, (_what, picture) => {
    expect(contrast(token("ink"), over(token("tag"), picture))).toBeGreaterThan(ENOUGH);
  });

  test.each(pictures)(`panels can be read in the ${theme} theme over %s`, (_what, picture) => {
    const plate = over(token("surface"), picture);
    for (const ink of ["ink", "ink-soft", "accent"]) {
      expect(contrast(token(ink), plate), ink).toBeGreaterThan(ENOUGH);
      expect(contrast(token(ink), over(token("hover"), plate)), `${ink} on what is pointed at`).toBeGreaterThan(ENOUGH);
    }
  });

  test(`the strongest tokens can be read in the ${theme} theme`, () => {
    for (const below of [token("page"), token("surface-solid")]) {
      expect(contrast(token("ink"), over(token("heat"), below))).toBeGreaterThan(ENOUGH);
      expect(contrast(token("heat-ink"), below), "rules and bars").toBeGreaterThan(3);
    }
  });
}
