import { OUTCOME_SHAPES, OUTCOMES, type Outcome } from "../state/outcomes";
import type { Mark } from "./marks";
import type { Tokens } from "./tokens";

/** A place on the screen, with what came of its text. */
export interface OutcomePlace extends Mark {
  outcome: Outcome;
}

const GROUND_PX = 8.5;
/** Marks of one cell stand beside each other so far apart. */
const STEP_PX = 16;
/** How far a mark stays within the corner of its cell. */
const INSET_PX = 11;

/** Where a mark stands: on its point, or in the upper corner of its cell, for bars lie along the lower edge; those of one cell in a row, each kind once. */
export function placedMarks(places: readonly OutcomePlace[]): { x: number; y: number; outcome: Outcome }[] {
  const byCell = new Map<string, OutcomePlace[]>();
  for (const place of places) {
    const key = place.isSquare ? `${Math.round(place.x)} ${Math.round(place.y)}` : `${place.x} ${place.y} ${place.outcome}`;
    const there = byCell.get(key);
    if (!there) byCell.set(key, [place]);
    else if (!there.some(({ outcome }) => outcome === place.outcome)) there.push(place);
  }
  return [...byCell.values()].flatMap((there) => {
    const kinds = OUTCOMES.flatMap(({ outcome }) => there.filter((one) => one.outcome === outcome));
    return kinds.map(({ x, y, radiusPx, isSquare, outcome }, at) => {
      if (!isSquare) return { x, y, outcome };
      const offset = Math.max(0, radiusPx - INSET_PX);
      return { x: x + offset - STEP_PX * (kinds.length - 1 - at), y: y - offset, outcome };
    });
  });
}

/** Draws the marks, those that one looks for over the others. */
export function paintOutcomes(context: CanvasRenderingContext2D, places: readonly OutcomePlace[], tokens: Tokens): void {
  const placed = placedMarks(places);
  for (const { outcome } of [...OUTCOMES].reverse()) {
    const { path, widthPx, discPx } = OUTCOME_SHAPES[outcome];
    const shape = new Path2D(path);
    for (const { x, y, outcome: one } of placed) {
      if (one !== outcome) continue;
      context.save();
      context.translate(x, y);
      disc(context, GROUND_PX, tokens.page);
      if (discPx > 0) disc(context, discPx, tokens.accent);
      context.strokeStyle = strokeOf(outcome, tokens);
      context.lineWidth = widthPx;
      context.lineCap = "round";
      context.lineJoin = "round";
      context.stroke(shape);
      context.restore();
    }
  }
}

function strokeOf(outcome: Outcome, { wrong, onAccent, inkSoft }: Tokens): string {
  return { 0: inkSoft, 1: onAccent, 2: wrong }[outcome];
}

function disc(context: CanvasRenderingContext2D, radiusPx: number, color: string): void {
  context.fillStyle = color;
  context.beginPath();
  context.arc(0, 0, radiusPx, 0, 2 * Math.PI);
  context.fill();
}
