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

/** Broken frames around items that lie near only on the map. */
export function paintFalse(context: CanvasRenderingContext2D, marks: readonly Mark[], tokens: Tokens): void {
  outline(context, marks, tokens.page, 4);
  context.setLineDash([4, 3]);
  outline(context, marks, tokens.wrong, 1.75);
  context.setLineDash([]);
}

/** Quiet frames around items that have a map of their own. */
export function paintRings(context: CanvasRenderingContext2D, marks: readonly Mark[], tokens: Tokens): void {
  outline(context, marks, tokens.page, 3.5);
  outline(context, marks, tokens.accent, 1.5);
}

/** The frame around the chosen item. */
export function paintSelection(context: CanvasRenderingContext2D, mark: Mark, tokens: Tokens): void {
  outline(context, [mark], tokens.page, 7);
  outline(context, [mark], tokens.accent, 3);
}

/** The frame around the item that is pointed at on the map beside this one. */
export function paintPointed(context: CanvasRenderingContext2D, mark: Mark, tokens: Tokens): void {
  outline(context, [mark], tokens.page, 6);
  outline(context, [mark], tokens.ink, 2.25);
}

/** A mark with a rank, from 1. */
export interface RankedMark extends Mark {
  rank: number;
}

const BADGE_PX = 10;

/** Frames around items with a rank. */
export function paintRanked(context: CanvasRenderingContext2D, marks: readonly RankedMark[], tokens: Tokens): void {
  outline(context, marks, tokens.page, 6);
  outline(context, marks, tokens.heat, 2.75);
}

/** The ranks in badges; items in one place share a badge that lists them, or says how many they are. */
export function paintRanks(context: CanvasRenderingContext2D, marks: readonly RankedMark[], tokens: Tokens): void {
  const byPlace = new Map<string, RankedMark[]>();
  for (const mark of marks) {
    const key = `${Math.round(mark.x)} ${Math.round(mark.y)}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), mark]);
  }
  context.font = `680 11px ${tokens.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const [first, ...others] of byPlace.values()) {
    if (!first) continue;
    const text = others.length > 2 ? `${others.length + 1} ×` : [first, ...others].map(({ rank }) => rank).join(", ");
    const widthPx = Math.max(2 * BADGE_PX, context.measureText(text).width + 11);
    const offset = first.radiusPx * (first.isSquare ? 0.94 : 0.72);
    const x = first.x - offset;
    const y = first.y - offset;
    context.fillStyle = tokens.page;
    badge(context, x, y, widthPx + 4, 2 * BADGE_PX + 4);
    context.fillStyle = tokens.heat;
    badge(context, x, y, widthPx, 2 * BADGE_PX);
    context.fillStyle = tokens.page;
    context.fillText(text, x, y + 0.5);
  }
}

function badge(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.beginPath();
  context.roundRect(x - width / 2, y - height / 2, width, height, height / 2);
  context.fill();
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
