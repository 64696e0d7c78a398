import { expect, test } from "vitest";
import type { Latent } from "../bundle/model";
import { activationMetricText, metricText, samplingText } from "./latent-words";

const latent = {
  nActive: 812,
  density: 0.2,
  sampling: "strata",
  weight: 0.5,
  scale: "rank",
  transform: "linear",
  keepsLatent: true,
} as Latent;

test("the sampling says how many of how many, and how they were drawn", () => {
  expect(samplingText(latent, 400)).toMatch(
    /^400 of the 812 items on which it fires, drawn alike from ten groups of equal count/,
  );
  expect(samplingText({ ...latent, sampling: "moon" }, 400)).toContain("“moon”");
  expect(samplingText(latent, 812)).toBe("All 812 items on which it fires.");
});

test("the metric says what is near, with its weight and its choices", () => {
  expect(metricText(latent)).toContain("the codes of all latents, plus 0.5 × the difference of their ranks");
  expect(metricText({ ...latent, keepsLatent: false, scale: "log", transform: "sqrt" })).toMatch(
    /all other latents.*logarithmic.*square root/,
  );
  expect(metricText({ ...latent, weight: 0 })).not.toContain("plus");
  const direction = { name: "formality", form: "direction", weight: 0.25, scale: "max", transform: "saturating" };
  expect(activationMetricText(direction)).toMatch(
    /cosine distance of the vectors, plus 0\.25 × .*shares of the largest, saturating/,
  );
});
