import { CELLS_PER_TILE } from "../bundle/cells";
import { type Projection, visibleTiles } from "../state/camera";
import type { Leaf } from "../state/leaves";
import { countText } from "../state/wording";
import type { KeptCells } from "./kept-cells";
import { CORNER_SHARE } from "./marks";
import { gridRect, type RectPx } from "./rect";
import type { Tokens } from "./tokens";

/** Cells narrower than this have no room for a count. */
const COUNT_FROM_PX = 24;
const LARGEST_COUNT_PX = 10.5;
const FRAME_INSET_PX = 1.5;

/** A place of the collage that holds selected items. */
interface PickedPlace {
  rect: RectPx;
  n: number;
}

/** Marks what is selected of the tiles of a level: an outline around cells side by side, and how many items each holds. */
export function paintPickedCells(
  context: CanvasRenderingContext2D,
  projection: Projection,
  level: number,
  picked: KeptCells,
  tokens: Tokens,
): void {
  const { tx0, ty0, tx1, ty1 } = visibleTiles(projection, level);
  const nAcross = CELLS_PER_TILE * 2 ** level;
  const outline = new Path2D();
  const places: PickedPlace[] = [];
  for (let row = ty0 * CELLS_PER_TILE; row < (ty1 + 1) * CELLS_PER_TILE; row++) {
    for (let column = tx0 * CELLS_PER_TILE; column < (tx1 + 1) * CELLS_PER_TILE; column++) {
      const n = picked.countIn(level, column, row);
      if (n === 0) continue;
      const rect = gridRect(projection, nAcross, column, row, 1);
      places.push({ rect, n });
      addEdges(outline, rect, (dx, dy) => isPicked(picked, level, nAcross, column + dx, row + dy));
    }
  }
  stroke(context, outline, tokens);
  paintCounts(context, places, tokens);
}

/** Marks what is selected of the items that are drawn one by one. */
export function paintPickedItems(
  context: CanvasRenderingContext2D,
  drawn: Iterable<{ leaf: Leaf; rect: RectPx }>,
  picked: KeptCells,
  tokens: Tokens,
): void {
  const outline = new Path2D();
  const places: PickedPlace[] = [];
  for (const { leaf, rect } of drawn) {
    const { column, row } = leaf.cell;
    const n = picked.countIn(leaf.level, column, row);
    if (n === 0) continue;
    places.push({ rect, n: leaf.cell.count > 1 ? n : 1 });
    const side = rect.width - 2 * FRAME_INSET_PX;
    outline.roundRect(rect.x + FRAME_INSET_PX, rect.y + FRAME_INSET_PX, side, side, (side / 2) * CORNER_SHARE);
  }
  stroke(context, outline, tokens);
  paintCounts(context, places, tokens);
}

function isPicked(picked: KeptCells, level: number, nAcross: number, column: number, row: number): boolean {
  if (column < 0 || row < 0 || column >= nAcross || row >= nAcross) return false;
  return picked.countIn(level, column, row) > 0;
}

/** Adds the edges of a cell that lie towards cells without selected items. */
function addEdges(outline: Path2D, { x, y, width, height }: RectPx, isAlike: (dx: number, dy: number) => boolean): void {
  const edges: [boolean, number, number, number, number][] = [
    [isAlike(0, -1), x, y, x + width, y],
    [isAlike(1, 0), x + width, y, x + width, y + height],
    [isAlike(0, 1), x, y + height, x + width, y + height],
    [isAlike(-1, 0), x, y, x, y + height],
  ];
  for (const [isWithin, fromX, fromY, toX, toY] of edges) {
    if (isWithin) continue;
    outline.moveTo(fromX, fromY);
    outline.lineTo(toX, toY);
  }
}

function stroke(context: CanvasRenderingContext2D, outline: Path2D, tokens: Tokens): void {
  context.lineCap = "square";
  context.lineJoin = "round";
  context.strokeStyle = tokens.page;
  context.lineWidth = 4.5;
  context.stroke(outline);
  context.strokeStyle = tokens.accent;
  context.lineWidth = 2;
  context.stroke(outline);
}

/** Says in a corner how many of a place's items are selected, where it holds several. */
function paintCounts(context: CanvasRenderingContext2D, places: readonly PickedPlace[], tokens: Tokens): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { rect, n } of places) {
    if (n < 2 || rect.width < COUNT_FROM_PX) continue;
    const fontPx = Math.min(LARGEST_COUNT_PX, 0.3 * rect.width);
    const heightPx = fontPx * 1.5;
    context.font = `640 ${fontPx}px ${tokens.font}`;
    const text = countText(n);
    const widthPx = Math.max(heightPx, context.measureText(text).width + 0.75 * fontPx);
    const x = rect.x + rect.width - widthPx - 1;
    const y = rect.y + rect.height - heightPx - 1;
    context.fillStyle = tokens.accent;
    context.beginPath();
    context.roundRect(x, y, widthPx, heightPx, heightPx / 2);
    context.fill();
    context.fillStyle = tokens.onAccent;
    context.fillText(text, x + widthPx / 2, y + heightPx / 2 + 0.5);
  }
}
