import { expect, test } from "vitest";
import type { MapData } from "../bundle/map-data";
import { mostRinged } from "../bundle/place-limits";
import type { TileId } from "../bundle/tile-cache";
import { TiledPlaces } from "./tiled-places";
import type { TiledPoints } from "./tiled-points";

function setUp(nItems: number) {
  const asked: (number | string)[] = [];
  const data = {
    map: { nItems, extent: { x0: 0, y0: 0, size: 16 } },
    placeOfRow: async (row: number) => {
      asked.push(row);
      return { x: row, y: 1 };
    },
    /** Cells in which two items lie at the levels before the third, and one from there on. */
    tileCells: async ({ z, tx, ty }: TileId) =>
      Array.from({ length: 64 }, (_, at) => ({ column: 8 * tx + (at % 8), row: 8 * ty + (at >> 3), count: z < 3 ? 2 : 1 })),
    positions: async () => {
      asked.push("all");
      const item = Uint32Array.from({ length: 300 }, (_, row) => row);
      return { xy: new Float32Array(600), item, rowOf: item };
    },
  };
  const tiles = { placeOf: (item: number) => (item === 7 ? { x: 7, y: 7 } : undefined) };
  return { places: new TiledPlaces(data as unknown as MapData, tiles as unknown as TiledPoints), asked };
}

test("only places that no tile holds are read, each once", async () => {
  const { places, asked } = setUp(10_000_000);
  expect(places.know([7])).toBe(true);
  expect(places.know([7, 9])).toBe(false);
  await places.read([7, 9, 10_000_000]);
  await places.read([9]);
  expect(asked).toEqual([9]);
  expect(places.know([7, 9, 10_000_000])).toBe(true);
  expect(places.of(9)).toEqual({ x: 9, y: 1 });
  expect(places.has(10_000_000)).toBe(false);
});

test("many places are read together where a map is not too large for it", async () => {
  const { places, asked } = setUp(300_000);
  const many = Uint32Array.from({ length: 300 }, (_, item) => item);
  expect(places.know(many)).toBe(false);
  await places.read(many);
  expect(asked).toEqual(["all"]);
  expect(places.know(many)).toBe(true);
});

test("of a very large map, the first of many are read, and the rest are done without", async () => {
  const { places, asked } = setUp(10_000_000);
  const many = Uint32Array.from({ length: 4_000 }, (_, item) => item + 100);
  await places.read(many);
  expect(asked).toHaveLength(250);
  expect(places.know(many)).toBe(true);
  expect(await places.around(5, 10)).toEqual([]);
});

test("no more is ringed than a map can say the places of", () => {
  const ringed = (nItems: number, isTiled: boolean) => mostRinged({ map: { nItems } as MapData["map"], isTiled });
  expect([ringed(10_000_000, true), ringed(300_000, true), ringed(50_000, false)]).toEqual([200, 4_000, 4_000]);
});

test("the level at which an item is alone is told by the cells of the collage, without the places of the others", async () => {
  const { places, asked } = setUp(10_000_000);
  expect(await places.levelAlone(9, 5)).toBe(3);
  expect(await places.levelAlone(7, 3)).toBe(3);
  expect(await places.cellOf(9, 0)).toEqual({ x: 9, y: 1 });
  expect(asked).toEqual([9]);
});

test("filters keep an item by its row, which is the item", () => {
  const { places } = setUp(3);
  expect([0, 1, 2, 3].map((item) => places.keeps(item, Uint8Array.from([1, 0, 1])))).toEqual([true, false, true, false]);
});
