import { expect, test, vi } from "vitest";
import { AtlasError } from "../bundle/errors";
import type { MapData } from "../bundle/map-data";
import { type PointTile, TileDirectory } from "../bundle/point-tiles";
import { Projection } from "../state/camera";
import type { Coloring } from "./point-source";
import { BACK, FAINT, FULL } from "./points";
import { TiledPoints } from "./tiled-points";

const EXTENT = { x0: 0, y0: 0, size: 16 };
const GROUP = { name: "group", kind: "category", path: "group.bin", dtype: "uint8", categories: ["a", "b"], counts: [1, 1] };
const PLAIN: Coloring = { key: "plain", palette: [[1, 2, 3]], codes: null };
const BY_GROUP: Coloring = { key: "group", palette: [], codes: { kind: "column", name: "group" } };
const ENOUGH = { now: 1_000, resting: 1_000 };

/** A root of 4 points, and in each quarter 3 more: in the middle of the quarter, and a step of the tile apart. */
const TILES: PointTile[] = [
  { index: 0, z: 0, tx: 0, ty: 0, start: 0, n: 4, nAll: 16 },
  ...[0, 1, 2, 3].map((at) => ({ index: at + 1, z: 1, tx: at % 2, ty: at >> 1, start: 4 + 3 * at, n: 3, nAll: 3 })),
];
const ROOT_PLACES = Uint16Array.from([1_000, 1_000, 60_000, 1_000, 1_000, 60_000, 60_000, 60_000]);
const QUARTER_PLACES = Uint16Array.from([32_768, 32_768, 20_000, 32_768, 45_000, 32_768]);

function setUp({ isBroken, budgetBytes = 1e6 }: { isBroken?: (tile: PointTile) => boolean; budgetBytes?: number } = {}) {
  const asked: string[] = [];
  const data = {
    map: {
      extent: EXTENT,
      bounds: { x0: 0, y0: 0, x1: 16, y1: 16 },
      nItems: 16,
      colors: [GROUP],
      points: { trustFalse: "false.bin", trustMissing: null },
    },
    directory: async () => new TileDirectory(TILES),
    tilePlaces: async (tile: PointTile) => {
      asked.push(`places ${tile.index}`);
      if (isBroken?.(tile)) throw new AtlasError("The host sent too little.", "");
      return tile.z === 0 ? ROOT_PLACES : QUARTER_PLACES;
    },
    tileCodes: async (tile: PointTile, { path }: { path: string }) => {
      asked.push(`${path} ${tile.index}`);
      return Uint8Array.from({ length: tile.n }, () => tile.index);
    },
  };
  const failures: unknown[] = [];
  const points = new TiledPoints(
    data as unknown as MapData,
    () => {},
    (error) => failures.push(error),
    budgetBytes,
  );
  return { points, asked, failures };
}

/** Looks at a part of the map until all that it asks for is here. */
async function look(points: TiledPoints, { x = 8, y = 8, zoom = 0, budget = ENOUGH } = {}) {
  const projection = new Projection(EXTENT, { widthPx: 512, heightPx: 512 }, { x, y, zoom });
  let frame = points.frame(projection, budget, 1);
  await vi.waitFor(() => {
    frame = points.frame(projection, budget, 1);
    expect(points.isLoading).toBe(false);
  });
  return { projection, frame: frame! };
}

test("the whole map is all its points, and every tile is read once", async () => {
  const { points, asked } = setUp();
  points.color(PLAIN);
  const { frame } = await look(points);
  expect(frame).toMatchObject({ nDrawn: 16, nInView: 16, isAbout: false });
  expect(points.isComplete).toBe(true);
  expect([...asked].sort()).toEqual(["places 0", "places 1", "places 2", "places 3", "places 4"]);
  await look(points);
  expect(asked).toHaveLength(5);
});

test("a small budget draws the first rows of the coarsest tiles, and still counts what is there", async () => {
  const { points, asked } = setUp();
  points.color(PLAIN);
  const { frame } = await look(points, { budget: { now: 3, resting: 3 } });
  expect(frame.drawn.map(({ n }) => n)).toEqual([2]);
  expect(frame.nInView).toBe(16);
  expect(asked).toEqual(["places 0"]);
});

test("while the map moves fewer are drawn, and those that will be wanted at rest are read", async () => {
  const { points, asked } = setUp();
  points.color(PLAIN);
  const { frame } = await look(points, { budget: { now: 4, resting: 1_000 } });
  expect(frame.nDrawn).toBe(4);
  expect(asked).toHaveLength(5);
});

test("near by, only the tiles that the screen shows are read", async () => {
  const { points, asked } = setUp();
  points.color(PLAIN);
  await look(points, { x: 12, y: 12, zoom: 3 });
  expect(asked).toEqual(["places 0", "places 4"]);
});

test("a tile that cannot be read is told once, and the rest is drawn", async () => {
  const { points, failures } = setUp({ isBroken: ({ index }) => index === 2 || index === 3 });
  points.color(PLAIN);
  const { frame } = await look(points);
  expect(frame.nDrawn).toBe(10);
  expect(points.isComplete).toBe(false);
  expect(failures).toHaveLength(1);
});

test("the nearest drawn point is found in whichever tile it is, within reach", async () => {
  const { points } = setUp();
  points.color(PLAIN);
  await look(points);
  expect(points.nearest(12.1, 12, 1)).toBe(TILES[4]!.start);
  expect(points.nearest(0.3, 0.3, 1)).toBe(0);
  expect(points.nearest(8, 8, 0.5)).toBeNull();
  expect(points.nearestAnywhere(8, 1)).toBe(TILES[2]!.start + 1);
  expect(points.placeOf(TILES[4]!.start)).toEqual({ x: expect.closeTo(12, 3), y: expect.closeTo(12, 3) });
});

test("points that are not drawn, or that the filters leave out, are not found", async () => {
  const { points } = setUp();
  points.color(PLAIN);
  const mask = new Uint8Array(16).fill(1);
  mask[0] = 0;
  points.sift(mask, null);
  await look(points);
  expect(points.nearest(0.3, 0.3, 1)).toBeNull();
  points.sift(null, null);
  await look(points, { budget: { now: 3, resting: 3 } });
  expect(points.nearest(0.3, 0.3, 1)).toBe(0);
  expect(points.nearest(14.7, 14.7, 1)).toBeNull();
});

test("each tile gets its own part of what the filters keep", async () => {
  const { points } = setUp();
  points.color(PLAIN);
  points.sift(
    Uint8Array.from({ length: 16 }, (_, row) => row % 2),
    null,
  );
  const { frame } = await look(points);
  expect([...frame.drawn[1]!.batch.strengths!]).toEqual([0, 1, 0]);
  expect([...frame.drawn[2]!.batch.strengths!]).toEqual([1, 0, 1]);
  points.sift(null, null);
  expect((await look(points)).frame.drawn[1]!.batch.strengths).toBeNull();
});

test("beside what is selected the rest steps back, and what is left out stays faint", async () => {
  const { points } = setUp();
  points.color(PLAIN);
  const odd = Uint8Array.from({ length: 16 }, (_, row) => row % 2);
  const early = Uint8Array.from({ length: 16 }, (_, row) => Number(row < 5));
  points.sift(odd, early);
  const { frame } = await look(points);
  expect([...frame.drawn[1]!.batch.strengths!]).toEqual([FAINT, BACK, FAINT]);
  expect([...frame.drawn[0]!.batch.strengths!]).toEqual([FAINT, FULL, FAINT, FULL]);
});

test("codes are read of the column that is wanted now, and a new palette alone reads nothing", async () => {
  const { points, asked } = setUp();
  points.color(BY_GROUP);
  const { frame } = await look(points);
  expect(frame.drawn.map(({ batch }) => batch.codes?.[0])).toEqual([0, 1, 2, 3, 4]);
  const nAsked = asked.length;
  points.color({ ...BY_GROUP, palette: [[9, 9, 9]] });
  expect((await look(points)).frame.palette).toEqual([[9, 9, 9]]);
  expect(asked).toHaveLength(nAsked);
  points.color({ key: "false", palette: [], codes: { kind: "trust", which: "false" } });
  await look(points);
  expect(asked.slice(nAsked).sort()).toEqual([0, 1, 2, 3, 4].map((index) => `false.bin ${index}`));
  points.color(PLAIN);
  expect((await look(points)).frame.drawn.every(({ batch }) => batch.codes === null)).toBe(true);
});

test("tiles that were not looked at for longest make room for new ones", async () => {
  const { points, asked } = setUp({ budgetBytes: 200 });
  const forgotten: number[] = [];
  points.onForgotten = ({ x0, y0 }) => forgotten.push(Math.round(x0) + Math.round(y0));
  points.color(PLAIN);
  await look(points, { x: 12, y: 12, zoom: 3 });
  await look(points, { x: 12, y: 4, zoom: 3 });
  await look(points, { x: 4, y: 4, zoom: 3 });
  expect(forgotten).toEqual([16]);
  await look(points, { x: 12, y: 12, zoom: 3 });
  expect(asked.filter((one) => one === "places 4")).toHaveLength(2);
});

test("points of a crowd let each other show through, and lone ones do not", async () => {
  const { points } = setUp();
  points.color(PLAIN);
  const far = await look(points, { zoom: -8 });
  const near = await look(points, { zoom: 2 });
  expect(far.frame.opacity).toBeLessThan(0.5 * near.frame.opacity);
  expect(near.frame.opacity).toBeCloseTo(225 / 255);
});
