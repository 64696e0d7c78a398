import { expect, test } from "vitest";
import { isAnyIn, NearestPoint, nearestOnMap, standingsOf } from "./nearest";

test("the nearest point within reach is found, as by trying all of them", () => {
  const n = 500;
  const xy = Float32Array.from({ length: 2 * n }, (_, index) => (Math.sin(index * 12.9898) * 43758.5453) % 1);
  const nearest = new NearestPoint(xy, { x0: -1, y0: -1, size: 2 });
  for (const [x, y] of [
    [0, 0],
    [-0.99, 0.99],
    [0.3, -0.7],
  ] as const) {
    let best = { distance: Number.POSITIVE_INFINITY, index: -1 };
    for (let row = 0; row < n; row++) {
      const distance = Math.hypot(xy[2 * row]! - x, xy[2 * row + 1]! - y);
      if (distance < best.distance) best = { distance, index: row };
    }
    expect(nearest.find(x, y, best.distance * 1.01)?.index).toBe(best.index);
    expect(nearest.find(x, y, best.distance * 0.99)).toBeNull();
  }
});

/** Items 0 … 4 in a row at x = 0, 1, 2, 4, 8, stored in another order. */
const IN_A_ROW = {
  xy: Float32Array.from([4, 0, 0, 0, 8, 0, 1, 0, 2, 0]),
  item: Uint32Array.from([3, 0, 4, 1, 2]),
  rowOf: Uint32Array.from([1, 3, 4, 0, 2]),
};

test("the nearest on the map come near to far, without the item itself", () => {
  expect(nearestOnMap(IN_A_ROW, 1, 3)).toEqual([1, 2, 3]);
  expect(nearestOnMap(IN_A_ROW, 2, 2)).toEqual([3, 2]);
  expect(nearestOnMap(IN_A_ROW, 0, 9)).toEqual([2, 1, 0, 4]);
});

test("points that are filtered out are not found", () => {
  const nearest = new NearestPoint(IN_A_ROW.xy, { x0: -50, y0: -50, size: 100 });
  expect(nearest.find(0.1, 0, 3)?.index).toBe(1);
  expect(nearest.find(0.1, 0, 3, Uint8Array.from([1, 0, 1, 0, 1]))?.index).toBe(4);
  expect(nearest.find(0.1, 0, 3, new Uint8Array(5))).toBeNull();
});

test("of points of which only the first are drawn, only these are found", () => {
  const nearest = new NearestPoint(IN_A_ROW.xy, { x0: -50, y0: -50, size: 100 });
  expect(nearest.find(2.1, 0, 3, null, 4)).toMatchObject({ index: 3, distance: expect.closeTo(1.1) });
});

test("from empty ground the nearest item is found however far it is", () => {
  const nearest = new NearestPoint(IN_A_ROW.xy, { x0: -50, y0: -50, size: 100 });
  expect(nearest.findAnywhere(-49, 49)?.index).toBe(1);
  expect(nearest.findAnywhere(49, -49)?.index).toBe(2);
  expect(new NearestPoint(new Float32Array(0), { x0: 0, y0: 0, size: 1 }).findAnywhere(0, 0)).toBeNull();
});

test("a box holds items or none", () => {
  expect(isAnyIn(IN_A_ROW, { x: 4.5, y: -1 }, { x: 7.5, y: 1 })).toBe(false);
  expect(isAnyIn(IN_A_ROW, { x: 4.5, y: -1 }, { x: 8.5, y: 1 })).toBe(true);
  expect(isAnyIn(IN_A_ROW, { x: 7.5, y: 1 }, { x: 8.5, y: 2 })).toBe(false);
});

test("a row's standing among the nearest counts every row that is nearer", () => {
  const random = (at: number) => ((at * 7919) % 1000) / 1000;
  const xy = Float32Array.from({ length: 400 }, (_, at) => random(at + 1));
  const some = { xy, item: Uint32Array.from({ length: 200 }, (_, at) => at), rowOf: new Uint32Array() };
  const others = [3, 150, 77, 12];
  const distance = (row: number) => Math.hypot(xy[row * 2]! - xy[20]!, xy[row * 2 + 1]! - xy[21]!);
  for (const [at, { rank, distance: told }] of standingsOf(some, 10, others).entries()) {
    const own = distance(others[at]!);
    const nNearer = Array.from({ length: 200 }, (_, row) => row).filter((row) => row !== 10 && distance(row) < own).length;
    expect([rank, told]).toEqual([nNearer + 1, expect.closeTo(own, 5)]);
  }
});

test("the nearest of some is found, however far", () => {
  const nearest = new NearestPoint(IN_A_ROW.xy, { x0: -50, y0: -50, size: 100 });
  expect(nearest.findAnywhere(-40, 30)?.index).toBe(1);
  expect(nearest.findAnywhere(-40, 30, Uint8Array.from([0, 0, 1, 0, 1]))?.index).toBe(4);
  expect(nearest.findAnywhere(0, 0, new Uint8Array(5))).toBeNull();
});
