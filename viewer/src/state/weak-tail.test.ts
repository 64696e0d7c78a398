import { expect, test } from "vitest";
import { medianOf, weakText } from "./weak-tail";

test("a region whose middle text is below a fifth of the maximum is mostly weak, and is told of beside the whole map", () => {
  const text = weakText([1, 1.2, 9, 5, 6, 7], [0, 0, 0, 1, 1, 1], 0, 10);
  expect(text).toBe("Mostly weak: its median activation is 0.12 of the latent's maximum (on the whole map 0.55).");
});

test("nothing is said of a region that is not weak, or holds nothing", () => {
  const activations = [2, 2, 9];
  expect(weakText(activations, [0, 0, 1], 0, 10)).toBeNull();
  expect(weakText(activations, [0, 0, 1], 2, 10)).toBeNull();
});

test("the median of an even number of values lies between the two in the middle", () => {
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(medianOf([])).toBeNaN();
});
