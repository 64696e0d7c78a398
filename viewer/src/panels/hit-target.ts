import { CELLS_PER_TILE } from "../bundle/cells";
import type { Extent } from "../bundle/model";
import type { Hit } from "../layers/wishes";
import type { Target } from "../state/acts";

/** What a hit stands for: one item, or all in the square of its cell. */
export function targetOf({ item, cell, level }: Hit, { x0, y0, size }: Extent): Target {
  if (!cell || cell.count === 1) return { kind: "items", items: [item] };
  const side = size / (CELLS_PER_TILE * 2 ** level);
  const [x, y] = [x0 + cell.column * side, y0 + cell.row * side];
  return {
    kind: "shape",
    corners: [
      { x, y },
      { x: x + side, y },
      { x: x + side, y: y + side },
      { x, y: y + side },
    ],
  };
}
