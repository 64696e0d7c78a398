import type { Projection } from "../state/camera";
import type { Tokens } from "./tokens";

/** Where an item stands on the screen: a picture in its square cell, or a point in a circle. */
export interface Mark {
  x: number;
  y: number;
  radiusPx: number;
  isSquare: boolean;
}

/** Radius of a frame's corners, as a share of half its side. */
export const CORNER_SHARE = 0.28;

/** Frames around what was found. */
export function paintFound(context: CanvasRenderingContext2D, marks: readonly Mark[], tokens: Tokens): void {
  outline(context, marks, tokens.page, 5);
  outline(context, marks, tokens.found, 2.25);
}

/** The frame around the chosen item. */
export function paintSelection(context: CanvasRenderingContext2D, mark: Mark, tokens: Tokens): void {
  outline(context, [mark], tokens.page, 7);
  outline(context, [mark], tokens.accent, 3);
}

function outline(context: CanvasRenderingContext2D, marks: readonly Mark[], color: string, widthPx: number): void {
  context.strokeStyle = color;
  context.lineWidth = widthPx;
  context.beginPath();
  for (const { x, y, radiusPx: r, isSquare } of marks) {
    if (isSquare) context.roundRect(x - r, y - r, 2 * r, 2 * r, r * CORNER_SHARE);
    else {
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
    }
  }
  context.stroke();
}

/** How far the outline of a mark is from its middle in a direction of length 1. */
export function edgePx({ radiusPx, isSquare }: Mark, dx: number, dy: number): number {
  return isSquare ? radiusPx / Math.max(Math.abs(dx), Math.abs(dy), 0.01) : radiusPx;
}

export function isNearScreen(projection: Projection, { x, y, radiusPx }: Mark): boolean {
  const { widthPx, heightPx } = projection.viewport;
  return x > -radiusPx && y > -radiusPx && x < widthPx + radiusPx && y < heightPx + radiusPx;
}
