import { expect, test } from "vitest";
import { itemsOfRows, onlyItemOf } from "./item-rows";
import type { MapData } from "./map-data";

/** A map whose rows 0, 1 and 2 are items 7, 3 and 5; in tiles its rows are its items. */
function mapOf({ isTiled }: { isTiled: boolean }): MapData {
  const item = Uint32Array.of(7, 3, 5);
  const rowOf = new Uint32Array(8).fill(0xffffffff);
  for (const [row, one] of item.entries()) rowOf[one] = row;
  const positions = async () => {
    if (isTiled) throw new Error("the places of a map in tiles are not read whole");
    return { item, rowOf };
  };
  return { isTiled, positions } as unknown as MapData;
}

test("the items of marked rows are told in the order of the items", async () => {
  expect([...(await itemsOfRows(mapOf({ isTiled: false }), Uint8Array.of(1, 1, 0)))]).toEqual([3, 7]);
  expect([...(await itemsOfRows(mapOf({ isTiled: true }), Uint8Array.of(1, 0, 1)))]).toEqual([0, 2]);
});

test("an item is told to be the only one where a single row is marked", async () => {
  for (const [isTiled, item] of [
    [false, 5],
    [true, 2],
  ] as const) {
    const data = mapOf({ isTiled });
    expect(await onlyItemOf(data, Uint8Array.of(0, 0, 1))).toBe(item);
    expect(await onlyItemOf(data, Uint8Array.of(1, 0, 1))).toBeNull();
    expect(await onlyItemOf(data, Uint8Array.of(0, 0, 0))).toBeNull();
  }
});
