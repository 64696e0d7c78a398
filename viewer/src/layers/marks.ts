import type { Projection } from "../state/camera";
import type { Tokens } from "./tokens";

/** Where an item stands on the screen and how far around it a ring goes. */
export interface Mark {
  x: number;
  y: number;
  radiusPx: number;
}

/** Rings around what was found. */
export function paintRings(context: CanvasRenderingContext2D, marks: readonly Mark[], tokens: Tokens): void {
  for (const [color, width] of [[tokens.page, 5], [tokens.found, 2.25]] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (const { x, y, radiusPx } of marks) {
      context.moveTo(x + radiusPx, y);
      context.arc(x, y, radiusPx, 0, 2 * Math.PI);
    }
    context.stroke();
  }
}

/** The ring around the chosen item. */
export function paintSelection(context: CanvasRenderingContext2D, mark: Mark, tokens: Tokens): void {
  for (const [color, width] of [[tokens.page, 7], [tokens.accent, 3]] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.arc(mark.x, mark.y, mark.radiusPx, 0, 2 * Math.PI);
    context.stroke();
  }
}

export function isNearScreen(projection: Projection, { x, y, radiusPx }: Mark): boolean {
  const { widthPx, heightPx } = projection.viewport;
  return x > -radiusPx && y > -radiusPx && x < widthPx + radiusPx && y < heightPx + radiusPx;
}
