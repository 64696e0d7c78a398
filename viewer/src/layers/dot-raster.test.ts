import { expect, test } from "vitest";
import { DotRaster } from "./dot-raster";

const RED: [number, number, number] = [255, 0, 0];
const BLUE: [number, number, number] = [0, 0, 255];
const at = (raster: DotRaster, x: number, y: number) => [
  ...raster.bytes().slice(4 * (y * raster.widthPx + x), 4 * (y * raster.widthPx + x) + 4),
];

test("a dot covers the pixels around its middle, and no others", () => {
  const raster = new DotRaster(20, 10, 2);
  raster.add(5.5, 4.5, RED, 1);
  expect(at(raster, 5, 4)).toEqual([255, 0, 0, 255]);
  expect(at(raster, 7, 4)[3]).toBeGreaterThan(0);
  expect(at(raster, 9, 4)).toEqual([0, 0, 0, 0]);
  const covered = raster
    .bytes()
    .filter((_, index) => index % 4 === 3)
    .reduce((sum, one) => sum + one / 255, 0);
  expect(covered).toBeCloseTo(Math.PI * 4, 0);
});

test("a later dot lies over those before it, as strongly as it is opaque", () => {
  const raster = new DotRaster(9, 9, 3);
  raster.add(4.5, 4.5, RED, 1);
  raster.add(4.5, 4.5, BLUE, 0.25);
  expect(at(raster, 4, 4)).toEqual([191, 0, 64, 255]);
});

test("faint dots on one place add up", () => {
  const raster = new DotRaster(9, 9, 1);
  for (let n = 0; n < 100; n++) raster.add(4.5, 4.5, BLUE, 0.01);
  expect(at(raster, 4, 4)[3]! / 255).toBeCloseTo(1 - 0.99 ** 100, 2);
});

test("what lies beyond the picture is cut off", () => {
  const raster = new DotRaster(6, 4, 2);
  for (const [x, y] of [
    [-1, -1],
    [6.9, 3],
    [3, 5],
    [-40, 2],
    [Number.NaN, 1],
  ] as const)
    raster.add(x, y, RED, 1);
  expect(at(raster, 0, 0)[3]).toBeGreaterThan(0);
  expect(at(raster, 5, 3)[3]).toBeGreaterThan(0);
  expect(at(raster, 2, 1)).toEqual([0, 0, 0, 0]);
});

test("a picture that was cleared is as a new one, with dots of the other size", () => {
  const [used, fresh] = [new DotRaster(12, 9, 3), new DotRaster(12, 9, 1)];
  used.add(4.5, 4.5, RED, 1);
  used.clear(1);
  expect(used.bytes()).toEqual(fresh.bytes());
  for (const raster of [used, fresh]) raster.add(6.2, 5.1, BLUE, 0.5);
  expect(used.bytes()).toEqual(fresh.bytes());
});
