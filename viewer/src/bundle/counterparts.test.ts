import { expect, test } from "vitest";
import { RowsOn, SameSet } from "./counterparts";
import type { AtlasFiles } from "./files";
import type { MapData } from "./map-data";

const THERE = Uint32Array.from([3, 0, 2, 1]);

function filesOf(asked: string[]): AtlasFiles {
  const bytes = new Uint8Array(THERE.buffer);
  return {
    span: async (_path: string, offset: number, length: number) => {
      asked.push(`${offset}+${length}`);
      return bytes.slice(offset, offset + length);
    },
    read: async () => {
      asked.push("whole");
      return bytes.slice();
    },
  } as unknown as AtlasFiles;
}

test("an item of a tiled map is looked up by four bytes, once", async () => {
  const asked: string[] = [];
  const rows = new RowsOn(filesOf(asked), "rows.bin", 4);
  expect(rows.get(0)).toBeUndefined();
  expect(await rows.read(0)).toBe(3);
  expect(await rows.read(0)).toBe(3);
  expect(rows.get(0)).toBe(3);
  expect(await rows.many([1, 3])).toEqual([0, 1]);
  expect(asked).toEqual(["0+4", "4+4", "12+4"]);
});

test("a mask goes over row by row, and the file is read whole for it", async () => {
  const asked: string[] = [];
  const rows = new RowsOn(filesOf(asked), "rows.bin", 4);
  expect([...(await rows.mask(Uint8Array.from([1, 0, 0, 1])))!]).toEqual([0, 1, 0, 1]);
  expect(asked).toEqual(["whole"]);
});

test("of a very large map neither a mask nor many items go over", async () => {
  const rows = new RowsOn(filesOf([]), "rows.bin", 10_000_000);
  expect(rows.canCarryAll).toBe(false);
  expect(await rows.mask(new Uint8Array(4))).toBeNull();
  expect(await rows.many(new Uint32Array(300))).toBeNull();
});

test("maps of one set call items the same, and their rows go by these", async () => {
  const data = (item: number[]) => {
    const rowOf = Uint32Array.from([0, 1, 2], (one) => item.indexOf(one));
    return { positions: async () => ({ item: Uint32Array.from(item), rowOf }) } as unknown as MapData;
  };
  const same = new SameSet(data([2, 0, 1]), data([0, 1, 2]));
  expect(same.get(7)).toBe(7);
  expect([...(await same.mask(Uint8Array.from([1, 0, 0])))]).toEqual([0, 0, 1]);
});
