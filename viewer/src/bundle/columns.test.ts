import { expect, test } from "vitest";
import { drawnFile, readColors, readTiledPositions } from "./columns";
import type { AtlasFiles } from "./files";
import type { AtlasMap, ColorColumn } from "./model";
import { TileDirectory } from "./point-tiles";

test("the places of a tiled map are those within its tiles, and its items are its rows", async () => {
  const directory = new TileDirectory([
    { index: 0, z: 0, tx: 0, ty: 0, start: 0, n: 1, nAll: 3 },
    { index: 1, z: 1, tx: 1, ty: 0, start: 1, n: 2, nAll: 2 },
  ]);
  const places = Uint16Array.from([32_768, 0, 0, 65_535, 65_535, 32_768]);
  const files = { read: async () => new Uint8Array(places.buffer) } as unknown as AtlasFiles;
  const map = { nItems: 3, extent: { x0: 0, y0: 0, size: 2 }, points: { xy: "" } } as AtlasMap;
  const { xy, item, rowOf } = await readTiledPositions(files, map, directory);
  expect([...xy].map((one) => Math.round(one * 1_000) / 1_000)).toEqual([1, 0, 1, 1, 2, 0.5]);
  expect([[...item], [...rowOf]]).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test("a column of a tiled map may begin like gzip and is none", async () => {
  const codes = Uint8Array.from([0x1f, 0x8b, 0, 1]);
  const files = { read: async () => codes } as unknown as AtlasFiles;
  const column = { kind: "category", path: "g.bin", dtype: "uint8" } as ColorColumn;
  expect(await readColors(files, column, true)).toEqual(codes);
});

test("numbers are drawn by their shades, and categories by their codes", () => {
  const year = { kind: "number", path: "year.bin", shades: "year.shades.bin" } as ColorColumn;
  expect(drawnFile(year)).toEqual({ path: "year.shades.bin", nBytes: 1 });
  const group = { kind: "category", path: "group.bin", dtype: "uint16" } as ColorColumn;
  expect(drawnFile(group)).toEqual({ path: "group.bin", nBytes: 2 });
});
