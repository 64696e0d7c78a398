import { expect, test } from "vitest";
import { activationPair, strongestFirst } from "./activation-pair";

const VALUES = Float32Array.of(1, 8, 4, 2);

test("some rows stand against all of them, each as shares that add up to one", () => {
  const pair = activationPair(VALUES, Uint8Array.of(0, 1, 1, 0))!;
  expect([pair.minimum, pair.maximum, pair.meanHere, pair.meanAll]).toEqual([0, 8, 6, 3.75]);
  for (const shares of [pair.here, pair.all]) expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1);
  expect(pair.here.at(-1)).toBe(0.5);
  expect(pair.all.at(-1)).toBe(0.25);
});

test("activations below zero have their place, and rows without a value have none", () => {
  const pair = activationPair(Float32Array.of(-4, 4, -2, Number.NaN), Uint8Array.of(1, 0, 1, 1))!;
  expect([pair.minimum, pair.maximum, pair.meanHere, pair.meanAll]).toEqual([-4, 4, -3, -2 / 3]);
  for (const shares of [pair.here, pair.all]) expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1);
  expect([pair.here[0], pair.here[8], pair.here.at(-1)]).toEqual([0.5, 0.5, 0]);
  expect(activationPair(Float32Array.of(-3, -1), Uint8Array.of(1, 0))).toMatchObject({ minimum: -3, maximum: 0 });
});

test("no rows, and a latent that fires on none, have no distribution", () => {
  expect(activationPair(VALUES, new Uint8Array(4))).toBeNull();
  expect(activationPair(new Float32Array(4), Uint8Array.of(1, 1, 1, 1))).toBeNull();
});

test("items are listed by activation, those of one value in their order and strangers last", () => {
  const rowOf = [2, 0, 1, 0xffffffff, 3];
  const listed = strongestFirst([0, 1, 2, 3, 4], Float32Array.of(5, 7, 5, 9), rowOf);
  expect(listed.map(({ item }) => item)).toEqual([4, 2, 0, 1, 3]);
  expect(listed.at(-1)).toEqual({ item: 3, value: null });
});
