import { expect, test } from "vitest";
import type { MapData } from "../bundle/map-data";
import { mostRinged } from "../bundle/place-limits";
import { type PointTile, placeIn, STEPS, TileDirectory, tileSquare } from "../bundle/point-tiles";
import type { TileId } from "../bundle/tile-cache";
import { SeenPart } from "./seen-part";
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

/** A map of four rows in the root tile, on its diagonal, and three in each of the tiles of the third level. */
function withTiles() {
  const extent = { x0: 0, y0: 0, size: 16 };
  const tile = (index: number, z: number, tx: number, ty: number, start: number, n: number): PointTile => ({
    ...{ index, z, tx, ty, start, n },
    nAll: n,
  });
  const tiles = [tile(0, 0, 0, 0, 0, 4)];
  for (const [z, side, n] of [
    [1, 2, 0],
    [2, 4, 3],
  ] as const) {
    for (let at = 0; at < side * side; at++) {
      const last = tiles.at(-1)!;
      tiles.push(tile(tiles.length, z, at % side, Math.floor(at / side), last.start + last.n, n));
    }
  }
  const directory = new TileDirectory(tiles);
  const read: number[] = [];
  const alongDiagonal = ({ n }: PointTile) => Uint16Array.from({ length: 2 * n }, (_, at) => ((at >> 1) + 0.5) * (STEPS / n));
  const data = {
    map: { nItems: 52, extent },
    directory: async () => directory,
    tilePlaces: async (one: PointTile) => {
      read.push(one.index);
      return alongDiagonal(one);
    },
    placeOfRow: async (row: number) => {
      const one = directory.ofRow(row)!;
      const [u, v] = alongDiagonal(one).subarray(2 * (row - one.start));
      return placeIn(tileSquare(extent, one), u!, v!);
    },
  };
  const points = { placeOf: () => undefined };
  const mask = (...rows: number[]) => Uint8Array.from({ length: 52 }, (_, row) => Number(rows.includes(row)));
  return { places: new TiledPlaces(data as unknown as MapData, points as unknown as TiledPoints), mask, read };
}

test("whether rows are seen is told by the tiles that are seen whole, and by places only in those that are cut", async () => {
  const { places, mask, read } = withTiles();
  const part = new SeenPart({ x0: 0, y0: 0, x1: 9, y1: 9 }, []);
  expect(await places.areSeen(mask(5, 51), part)).toBe(true); // row 5 lies in the first tile of the third level
  expect(read).toEqual([]);
  expect(await places.areSeen(mask(2, 51), part)).toBe(false); // at (10, 10)
  expect(await places.areSeen(mask(1), part)).toBe(true); // at (6, 6)
  expect(read).toEqual([0, 0]);
  expect(await places.areSeen(mask(1), new SeenPart(part.box, [{ x0: 5, y0: 5, x1: 7, y1: 7 }]))).toBe(false);
});

test("the box around rows is that of their places", async () => {
  const { places, mask } = withTiles();
  expect(await places.boundsOf(mask())).toBeNull();
  const box = await places.boundsOf(mask(0, 2));
  expect([box!.x0, box!.y0, box!.x1, box!.y1].map((at) => Math.round(at))).toEqual([2, 2, 10, 10]);
});
