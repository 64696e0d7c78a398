import { expect, test } from "vitest";
import { neighborsFrom, recordBytes } from "./neighbors";

test("a record is k items and then k distances, wherever in memory it lies", () => {
  const bytes = new Uint8Array(4 + recordBytes(2));
  const view = new DataView(bytes.buffer, 4);
  view.setUint32(0, 70_000, true);
  view.setUint32(4, 3, true);
  view.setFloat32(8, 0.25, true);
  view.setFloat32(12, 0.5, true);
  expect(neighborsFrom(bytes.subarray(4), 2)).toEqual({ items: [70_000, 3], distances: [0.25, 0.5] });
});
