import { expect, test } from "vitest";
import type { Cell } from "../bundle/cells";
import { leavesOf } from "./leaves";

const cell = (column: number, row: number, item: number, count = 1): Cell => ({
  column,
  row,
  item,
  count,
  spread: 0,
  picture: null,
  isTextCard: false,
  isFromLibrary: false,
});

test("an item alone fills the coarser cell, those that share one get its parts", () => {
  const coarse = [cell(0, 0, 1), cell(1, 0, 2, 3)];
  const fine = [cell(1, 1, 1), cell(2, 0, 2), cell(3, 0, 3), cell(3, 1, 4)];
  const leaves = leavesOf([coarse, fine], 4);
  expect(leaves.map(({ cell: { item }, level }) => [item, level])).toEqual([
    [1, 4],
    [2, 5],
    [3, 5],
    [4, 5],
  ]);
});

test("what is still crowded at the finest level is drawn there by its representative", () => {
  const leaves = leavesOf([[cell(0, 0, 1, 5)], [cell(0, 1, 1, 5)]], 0);
  expect(leaves).toEqual([{ cell: cell(0, 1, 1, 5), level: 1 }]);
});

test("leaves never overlap and show every item once, for random points", () => {
  let state = 7;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const points = Array.from({ length: 60 }, () => [random() ** 2, random() ** 2] as const);
  const levels = [1, 2, 3, 4].map((level) => {
    const n = 8 * 2 ** level;
    const cells = new Map<string, Cell>();
    for (const [item, [x, y]] of points.entries()) {
      const [column, row] = [Math.floor(x * n), Math.floor(y * n)];
      const known = cells.get(`${column}/${row}`);
      cells.set(`${column}/${row}`, known ? { ...known, count: known.count + 1 } : cell(column, row, item));
    }
    return [...cells.values()];
  });
  const leaves = leavesOf(levels, 1);
  expect(leaves.reduce((sum, { cell: { count } }) => sum + count, 0)).toBe(points.length);
  const area = new Set<string>();
  for (const { cell: one, level } of leaves) {
    const span = 2 ** (4 - level);
    for (let dx = 0; dx < span; dx++) {
      for (let dy = 0; dy < span; dy++) {
        const key = `${one.column * span + dx}/${one.row * span + dy}`;
        expect(area.has(key)).toBe(false);
        area.add(key);
      }
    }
  }
});
