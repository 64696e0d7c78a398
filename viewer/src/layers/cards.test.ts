import { expect, test } from "vitest";
import { cardColor, srgbOf, tintOf } from "./cards";

test.each([
  [0.8, 0.03, 0.01],
  [0.33, -0.02, 0.05],
])("the tint of a color is what the color was made from", (lightness, a, b) => {
  const tint = tintOf(srgbOf(lightness, a, b));
  expect(tint.a).toBeCloseTo(a, 4);
  expect(tint.b).toBeCloseTo(b, 4);
});

test("paper and ink of a card keep far apart on either page", () => {
  const lightness = (color: string) => Number(color.match(/oklab\(([\d.]+)/)![1]);
  for (const isDark of [false, true]) {
    const [paper, ink] = [cardColor({ a: 0.02, b: 0.01 }, "paper", isDark), cardColor({ a: 0.02, b: 0.01 }, "ink", isDark)];
    expect(Math.abs(lightness(paper) - lightness(ink))).toBeGreaterThan(0.55);
    expect(lightness(paper) < lightness(ink)).toBe(isDark);
  }
});
