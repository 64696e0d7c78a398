import { expect, test } from "vitest";
import { blockStarts } from "./blocks";
import { decodeCells } from "./cells";

test("block starts are the sums of the lengths before them, beyond four gigabytes too", () => {
  const lengths = Uint32Array.from([4_000_000_000, 0, 4_000_000_000]);
  expect([...blockStarts(new Uint8Array(lengths.buffer))]).toEqual([0, 4e9, 4e9, 8e9]);
});

test("cells carry their place in the whole level, their flags and what they stand for", () => {
  const payload = new DataView(new ArrayBuffer(32));
  payload.setUint8(16, 7);
  payload.setUint8(17, 3);
  payload.setUint16(18, 3, true);
  payload.setUint32(20, 70_000, true);
  payload.setUint32(24, 12, true);
  payload.setFloat32(28, 0.25, true);
  const [, cell] = decodeCells(payload.buffer, 2, 1);
  expect(cell).toEqual({ column: 23, row: 11, isTextCard: true, isFromLibrary: true, item: 70_000, count: 12, spread: 0.25 });
});
