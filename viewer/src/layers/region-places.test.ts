import { expect, test } from "vitest";
import type { MapData } from "../bundle/map-data";
import { type PointTile, TileDirectory } from "../bundle/point-tiles";
import { Projection } from "../state/camera";
import { membersOf, TiledRegionPlaces } from "./region-places";

const EXTENT = { x0: 0, y0: 0, size: 16 };
const PROJECTION = new Projection(EXTENT, { widthPx: 512, heightPx: 512 }, { x: 8, y: 8, zoom: 0 });

/** A map of five tiles, three rows in each, of which some cannot be read; one frame is painted at each arrival. */
function setUp(...bad: number[]) {
  const tile = (index: number, z: number, tx: number, ty: number, nAll: number): PointTile => ({
    ...{ index, z, tx, ty, start: 3 * index, n: 3, nAll },
  });
  const tiles = [tile(0, 0, 0, 0, 15), tile(1, 1, 0, 0, 3), tile(2, 1, 1, 0, 3), tile(3, 1, 0, 1, 3), tile(4, 1, 1, 1, 3)];
  const asked: number[] = [];
  const told: unknown[] = [];
  const data = {
    map: { extent: EXTENT, bounds: { x0: 0, y0: 0, x1: 16, y1: 16 }, points: { region: "region.u16" } },
    directory: async () => new TileDirectory(tiles),
    regions: async () => [[{ parent: 0 }, { parent: 0 }]],
    tilePlaces: async ({ index }: PointTile) => {
      asked.push(index);
      if (bad.includes(index)) throw new Error(`no tile ${index}`);
      return new Uint16Array(6);
    },
    tileCodes: async () => Uint16Array.of(0, 1, 1),
  };
  const paint = () => void places.seen(PROJECTION);
  const places: TiledRegionPlaces = new TiledRegionPlaces(
    data as unknown as MapData,
    { level: 0, region: 1 },
    () => asked.length < 100 && setTimeout(paint),
    (error) => told.push(error),
  );
  return { places, asked, told };
}

async function atRest(): Promise<void> {
  for (let round = 0; round < 50; round++) await new Promise((resolve) => setTimeout(resolve));
}

test("where a region lies on a tiled map is read from each tile once", async () => {
  const { places, asked, told } = setUp();
  expect(places.seen(PROJECTION)).toBeNull();
  await atRest();
  expect([...asked].sort()).toEqual([0, 1, 2, 3, 4]);
  expect([...places.seen(PROJECTION)!.isIn].filter((one) => one === 1)).toHaveLength(10);
  expect(told).toEqual([]);
});

test("tiles that cannot be read are asked for once and told of once, and the rest is shown", async () => {
  const { places, asked, told } = setUp(0, 3);
  places.seen(PROJECTION);
  await atRest();
  expect([...asked].sort()).toEqual([0, 1, 2, 3, 4]);
  expect(told).toHaveLength(1);
  expect(places.seen(PROJECTION)!.isIn).toHaveLength(9);
  expect(places.isReading).toBe(false);
});

test("the members of a region are those finest regions that lie in it, over any number of levels", () => {
  const parents = [
    [0, 0],
    [0, 1, 1],
    [2, 0, 1],
  ];
  expect([...membersOf(parents, { level: 0, region: 1 })]).toEqual([1, 0, 1]);
  expect([...membersOf(parents, { level: 1, region: 2 })]).toEqual([1, 0, 0]);
});
