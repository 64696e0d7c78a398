import { expect, test } from "vitest";
import { isInside, type Polygon } from "./inside";
import { type PointTile, placeIn, STEPS, TileDirectory, tileSquare } from "./point-tiles";
import { tiledRowsInside, tilesInside } from "./tiles-inside";

const EXTENT = { x0: -4, y0: 2, size: 16 };
const PER_TILE = 30;

/** A tree of tiles three levels deep with a few points in each, and the places of these. */
function tree() {
  const tiles: PointTile[] = [];
  for (let z = 0; z < 4; z++) {
    for (let at = 0; at < 4 ** z; at++) {
      const nAll = (PER_TILE * (4 ** (4 - z) - 1)) / 3;
      tiles.push({
        index: tiles.length,
        z,
        tx: at % 2 ** z,
        ty: Math.floor(at / 2 ** z),
        start: PER_TILE * tiles.length,
        n: PER_TILE,
        nAll,
      });
    }
  }
  let seed = 1;
  const step = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % STEPS;
  };
  const places = tiles.map(({ n }) => Uint16Array.from({ length: 2 * n }, step));
  return { directory: new TileDirectory(tiles), tiles, places };
}

const corners = (...flat: number[]): Polygon =>
  Array.from({ length: flat.length / 2 }, (_, at) => ({ x: flat[2 * at]!, y: flat[2 * at + 1]! }));

const SHAPES: [string, Polygon][] = [
  ["a box across tiles", corners(-1, 4, 7, 4, 7, 15, -1, 15)],
  ["a box along the borders of tiles", corners(0, 6, 8, 6, 8, 14, 0, 14)],
  ["a box within one tile", corners(1.1, 7.1, 1.5, 7.1, 1.5, 7.6, 1.1, 7.6)],
  ["a box around the map", corners(-40, -40, 40, -40, 40, 40, -40, 40)],
  ["a box beside the map", corners(-40, -40, -30, -40, -30, 40, -40, 40)],
  ["a lasso with a bay", corners(-3, 3, 11, 3, 11, 17, 4, 6, -3, 17)],
  ["a lasso that crosses itself", corners(-4, 2, 12, 18, 12, 2, -4, 18)],
];

test.each(SHAPES)("%s holds the rows that lie in it, one by one", async (_name, polygon) => {
  const { directory, tiles, places } = tree();
  const mask = await tiledRowsInside(directory, EXTENT, polygon, async ({ index }) => places[index]!, PER_TILE * tiles.length);
  for (const tile of tiles) {
    for (let row = 0; row < tile.n; row++) {
      const { x, y } = placeIn(tileSquare(EXTENT, tile), places[tile.index]![2 * row]!, places[tile.index]![2 * row + 1]!);
      expect(mask[tile.start + row], `row ${row} of tile ${tile.index}`).toBe(Number(isInside(polygon, x, y)));
    }
  }
});

test("places are read only of tiles that an edge runs through", () => {
  const { directory, tiles } = tree();
  const around = tilesInside(directory, EXTENT, SHAPES[3]![1]);
  expect(around.whole).toHaveLength(tiles.length);
  expect(around.partly).toEqual([]);
  expect(tilesInside(directory, EXTENT, SHAPES[4]![1])).toEqual({ whole: [], partly: [] });
  const within = tilesInside(directory, EXTENT, SHAPES[2]![1]);
  expect(within.whole).toEqual([]);
  expect(within.partly.map(({ z }) => z)).toEqual([0, 1, 2, 3]);
  const across = tilesInside(directory, EXTENT, SHAPES[0]![1]);
  expect(across.whole.length).toBeGreaterThan(8);
  expect(across.partly.length + across.whole.length).toBeLessThan(tiles.length);
});
