import { CELLS_PER_TILE } from "../bundle/cells";
import type { KeptCells } from "./kept-cells";

/** The ground is so soft that the cells of this level are fine enough to say where items are left. */
const LEVEL = 3;
const CELL_PX = 4;
/** How far a glow reaches beyond the cell that it comes from, in cells. */
const REACH = 2.5;
/** How much of the ground stays where nothing is left. */
const LEAST_ALPHA = 0.1;

/** The ground of a map, faded where the filters leave no item. */
export function keptGround(ground: ImageBitmap, kept: KeptCells): CanvasImageSource {
  const faded = new OffscreenCanvas(ground.width, ground.height);
  const context = faded.getContext("2d");
  const mask = keptMask(kept);
  if (!context || !mask) return ground;
  context.drawImage(ground, 0, 0);
  context.globalCompositeOperation = "destination-in";
  context.imageSmoothingQuality = "high";
  context.drawImage(mask, 0, 0, ground.width, ground.height);
  return faded;
}

/** Opaque where items are left, and softly less so around. */
function keptMask(kept: KeptCells): OffscreenCanvas | null {
  const nAcross = CELLS_PER_TILE * 2 ** LEVEL;
  const mask = new OffscreenCanvas(nAcross * CELL_PX, nAcross * CELL_PX);
  const context = mask.getContext("2d");
  const glow = glowOf((REACH + 0.5) * CELL_PX);
  if (!context || !glow) return null;
  context.fillStyle = `rgb(0 0 0 / ${LEAST_ALPHA})`;
  context.fillRect(0, 0, mask.width, mask.height);
  for (let row = 0; row < nAcross; row++) {
    for (let column = 0; column < nAcross; column++) {
      if (kept.countIn(LEVEL, column, row) === 0) continue;
      context.drawImage(glow, (column - REACH) * CELL_PX, (row - REACH) * CELL_PX);
    }
  }
  return mask;
}

function glowOf(radiusPx: number): OffscreenCanvas | null {
  const glow = new OffscreenCanvas(2 * radiusPx, 2 * radiusPx);
  const context = glow.getContext("2d");
  if (!context) return null;
  const gradient = context.createRadialGradient(radiusPx, radiusPx, 0, radiusPx, radiusPx, radiusPx);
  gradient.addColorStop(0.25, "#000");
  gradient.addColorStop(1, "rgb(0 0 0 / 0)");
  context.fillStyle = gradient;
  context.fillRect(0, 0, glow.width, glow.height);
  return glow;
}
