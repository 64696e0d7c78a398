import { expect, test } from "vitest";
import { TileCache } from "./tile-cache";

test("the least recently used tile goes first when the budget is spent", () => {
  const dropped: string[] = [];
  const cache = new TileCache<string>(20, (tile) => dropped.push(tile));
  cache.put({ z: 0, tx: 0, ty: 0 }, "root", 10);
  cache.put({ z: 1, tx: 0, ty: 0 }, "a", 10);
  cache.get({ z: 0, tx: 0, ty: 0 });
  cache.put({ z: 1, tx: 1, ty: 0 }, "b", 10);
  expect(dropped).toEqual(["a"]);
  expect(cache.nBytes).toBe(20);
});

test("a tile larger than the whole budget is still kept while it is the only one", () => {
  const cache = new TileCache<string>(5);
  cache.put({ z: 0, tx: 0, ty: 0 }, "root", 10);
  expect(cache.get({ z: 0, tx: 0, ty: 0 })).toBe("root");
});

test("the nearest ancestor stands in for a missing tile with the part that covers it", () => {
  const cache = new TileCache<string>(100);
  cache.put({ z: 0, tx: 0, ty: 0 }, "root", 1);
  cache.put({ z: 1, tx: 1, ty: 1 }, "child", 1);
  expect(cache.standIn({ z: 3, tx: 6, ty: 5 })).toEqual({ tile: "child", u: 0.5, v: 0.25, span: 0.25 });
  expect(cache.standIn({ z: 2, tx: 1, ty: 0 })).toEqual({ tile: "root", u: 0.25, v: 0, span: 0.25 });
});

test("replacing a tile counts its bytes once", () => {
  const cache = new TileCache<string>(100);
  cache.put({ z: 0, tx: 0, ty: 0 }, "old", 30);
  cache.put({ z: 0, tx: 0, ty: 0 }, "new", 10);
  expect([cache.size, cache.nBytes]).toEqual([1, 10]);
  cache.clear();
  expect([cache.size, cache.nBytes]).toEqual([0, 0]);
});
