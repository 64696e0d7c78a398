import { expect, test } from "vitest";
import { directoryFrom, placeIn, tileSquare } from "./point-tiles";

type Row = [z: number, tx: number, ty: number, start: number, n: number, nAll: number];

function directoryBytes(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(20 * rows.length));
  rows.forEach(([z, tx, ty, start, n, nAll], index) => {
    const at = 20 * index;
    view.setUint8(at, z);
    view.setUint16(at + 2, tx, true);
    view.setUint16(at + 4, ty, true);
    view.setUint32(at + 8, start, true);
    view.setUint32(at + 12, n, true);
    view.setUint32(at + 16, nAll, true);
  });
  return new Uint8Array(view.buffer);
}

const ROWS: Row[] = [
  [0, 0, 0, 0, 10, 33],
  [1, 1, 0, 10, 10, 15],
  [1, 0, 1, 20, 8, 8],
  [2, 3, 0, 28, 5, 5],
];

test("a tile knows its children, and every row its tile", () => {
  const directory = directoryFrom(directoryBytes(ROWS), 33);
  expect(directory.childrenOf(directory.root).map(({ index }) => index)).toEqual([1, 2]);
  expect(directory.childrenOf(directory.tiles[1]!).map(({ index }) => index)).toEqual([3]);
  expect([0, 9, 10, 27, 28, 32].map((row) => directory.ofRow(row)?.index)).toEqual([0, 0, 1, 2, 3, 3]);
  expect(directory.ofRow(33)).toBeUndefined();
});

test.each([
  ["rows that do not follow each other", [ROWS[0]!, [1, 1, 0, 11, 10, 15]] as Row[], 21],
  ["too few rows for the map", ROWS, 34],
  ["a tile deeper than the deepest level", [ROWS[0]!, [17, 1, 0, 10, 10, 10]] as Row[], 20],
  ["no tile at all", [] as Row[], 0],
])("a directory with %s is refused", (_what, rows, nRows) => {
  expect(() => directoryFrom(directoryBytes(rows), nRows)).toThrow("does not fit the map");
});

test("a directory that was cut off is refused", () => {
  expect(() => directoryFrom(directoryBytes(ROWS).slice(0, 70), 28)).toThrow("does not fit the map");
});

test("a map without items has an empty root", () => {
  const directory = directoryFrom(directoryBytes([[0, 0, 0, 0, 0, 0]]), 0);
  expect(directory.root.n).toBe(0);
  expect(directory.ofRow(0)).toBeUndefined();
});

test("places lie in the middle of their step", () => {
  const square = tileSquare({ x0: -8, y0: 0, size: 16 }, { z: 2, tx: 3, ty: 1 });
  expect(square).toEqual({ x0: 4, y0: 4, size: 4 });
  expect(placeIn(square, 0, 65_535)).toEqual({ x: 4 + 2 / 65_536, y: 8 - 2 / 65_536 });
});
