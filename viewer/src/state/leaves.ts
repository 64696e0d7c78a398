import type { Cell } from "../bundle/cells";

/** A cell that is drawn by itself, at the coarsest level at which it stands for nothing but what it shows. */
export interface Leaf {
  cell: Cell;
  level: number;
}

/**
 * Gives every item the largest cell in which it is alone.
 *
 * `levels` are the occupied cells of consecutive levels, coarse to fine, the first of them level `top`. Cells that still hold
 * several items at the finest of these levels are drawn there, by their representative. Like the leaves of a quadtree, the
 * chosen cells never overlap:
 *
 *     ┌───────┬───┬───┐
 *     │       │ b │ c │    a is alone in a cell of the coarser level and fills it;
 *     │   a   ├───┼───┤    b, c and d share one, and get a quarter of it each
 *     │       │   │ d │
 *     └───────┴───┴───┘
 */
export function leavesOf(levels: readonly (readonly Cell[])[], top: number): Leaf[] {
  const leaves: Leaf[] = [];
  let crowded: Set<string> | null = null;
  for (const [index, cells] of levels.entries()) {
    const isFinest = index === levels.length - 1;
    const nowCrowded = new Set<string>();
    for (const cell of cells) {
      if (crowded && !crowded.has(placeKey(cell.column >> 1, cell.row >> 1))) continue;
      if (cell.count === 1 || isFinest) leaves.push({ cell, level: top + index });
      else nowCrowded.add(placeKey(cell.column, cell.row));
    }
    crowded = nowCrowded;
  }
  return leaves;
}

function placeKey(column: number, row: number): string {
  return `${column}/${row}`;
}
