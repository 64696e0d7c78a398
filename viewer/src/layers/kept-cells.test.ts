import { expect, test } from "vitest";
import { CellStrength, KeptCells } from "./kept-cells";

const extent = { x0: 0, y0: 0, size: 8 };
const positions = {
  xy: Float32Array.from([0.5, 0.5, 0.6, 0.6, 7.5, 0.5]),
  item: Uint32Array.from([4, 2, 0]),
  rowOf: Uint32Array.from([2, 0xffffffff, 1, 0xffffffff, 0]),
};
const cells = new KeptCells(positions, extent, Uint8Array.from([0, 1, 0]));

test("cells count the items that pass, at every level", () => {
  expect(cells.countIn(0, 0, 0)).toBe(1);
  expect(cells.countIn(0, 7, 0)).toBe(0);
  expect(cells.countIn(3, 4, 4)).toBe(1);
  expect(cells.countIn(3, 0, 0)).toBe(0);
});

test("items pass by their rows, and those that the map does not show do not", () => {
  expect([0, 1, 2, 4].map((item) => cells.keeps(item))).toEqual([false, false, true, false]);
});

test("a cell whose picture passes is as ever, one where another item passes steps back, one where none does nearly goes", () => {
  const [passes, stands, none] = [2, 4, 0].map((item) => cells.opacityOf({ item, column: item === 0 ? 7 : 0, row: 0 }, 0));
  expect(passes).toBe(1);
  expect(stands).toBeLessThan(0.6);
  expect(none).toBeLessThan(stands! / 2);
});

test("beside a selection the other cells step back a little, and what filters leave out stays fainter", () => {
  const picked = new KeptCells(positions, extent, Uint8Array.from([1, 0, 0]));
  const [both, other] = [
    { item: 2, column: 0, row: 0 },
    { item: 0, column: 7, row: 0 },
  ];
  const strength = new CellStrength(null, picked);
  expect(strength.opacityOf(both, 0)).toBe(1);
  expect(strength.opacityOf(other, 0)).toBeGreaterThan(0.25);
  expect(strength.opacityOf(other, 0)).toBeLessThan(0.6);
  expect(new CellStrength(cells, picked).opacityOf(other, 0)).toBeLessThan(strength.opacityOf(other, 0) / 2);
});

test("the counts of deep levels, which have no table, are the same", () => {
  expect([cells.countIn(8, 153, 153), cells.countIn(8, 128, 128)]).toEqual([1, 0]);
});
