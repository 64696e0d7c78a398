import { CELLS_PER_TILE } from "../bundle/cells";
import type { KeptCells } from "./kept-cells";

/** The ground is so soft that the cells of this level are fine enough to say where items are left. */
const LEVEL = 3;
/** How much of it stays where none is. */
const LEAST_ALPHA = 0.1;

/** The ground of a map, faded where the filters leave no item. */
export function keptGround(ground: ImageBitmap, kept: KeptCells): CanvasImageSource {
  const nAcross = CELLS_PER_TILE * 2 ** LEVEL;
  const mask = new OffscreenCanvas(nAcross, nAcross);
  const faded = new OffscreenCanvas(ground.width, ground.height);
  const [onMask, context] = [mask.getContext("2d"), faded.getContext("2d")];
  if (!onMask || !context) return ground;
  onMask.fillStyle = `rgb(0 0 0 / ${LEAST_ALPHA})`;
  onMask.fillRect(0, 0, nAcross, nAcross);
  onMask.fillStyle = "#000";
  for (let row = 0; row < nAcross; row++) {
    for (let column = 0; column < nAcross; column++) {
      // A glow reaches a little beyond the items that it comes from.
      if (kept.countIn(LEVEL, column, row) > 0) onMask.fillRect(column - 1, row - 1, 3, 3);
    }
  }
  context.drawImage(ground, 0, 0);
  context.globalCompositeOperation = "destination-in";
  context.imageSmoothingQuality = "high";
  context.drawImage(mask, 0, 0, ground.width, ground.height);
  return faded;
}
