import { expect, test } from "vitest";
import { blockStarts } from "./blocks";
import { decodeCells } from "./cells";

test("block starts are the sums of the lengths before them, beyond four gigabytes too", () => {
  const lengths = Uint32Array.from([4_000_000_000, 0, 4_000_000_000]);
  expect([...blockStarts(new Uint8Array(lengths.buffer))]).toEqual([0, 4e9, 4e9, 8e9]);
});

test("cells carry their place in the whole level, their flags and what they stand for", () => {
  const payload = new DataView(new ArrayBuffer(40));
  payload.setUint8(20, 7);
  payload.setUint8(21, 3);
  payload.setUint16(22, 3, true);
  payload.setUint32(24, 70_000, true);
  payload.setUint32(28, 12, true);
  payload.setFloat32(32, 0.25, true);
  payload.setUint32(36, 130, true);
  payload.setUint32(16, 0xffffffff, true);
  const [first, cell] = decodeCells(payload.buffer, 2, 1);
  expect(first!.picture).toBeNull();
  expect(cell).toEqual({
    column: 23,
    row: 11,
    isTextCard: true,
    isFromLibrary: true,
    item: 70_000,
    count: 12,
    spread: 0.25,
    picture: 130,
  });
});
