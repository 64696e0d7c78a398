import type { Projection } from "../state/camera";
import type { Palette } from "../state/point-colors";
import { BACK, type DrawnBatch, FAINT, FULL, type PointBatch } from "./points";

/** What points are colored by: codes, and their colors; no codes where all have one color. */
export interface Coloring {
  /** Names the codes. */
  key: string;
  palette: Palette;
  codes: CodesWish | null;
}

export type CodesWish = { kind: "column"; name: string } | { kind: "trust"; which: "false" | "missing" };

/** What is drawn of the points that the screen shows. */
export interface PointsFrame {
  drawn: DrawnBatch[];
  palette: Palette;
  nDrawn: number;
  nInView: number;
  /** Whether the counts are estimates. */
  isAbout: boolean;
  /** How strongly one point covers what is beneath it. */
  opacity: number;
  /** Grows when something of the frame has changed that does not show in its counts. */
  version: number;
}

/** Where the points of a map come from: whole, or in tiles. */
export interface PointSource {
  readonly isLoading: boolean;
  /** Grows when colors or strengths change. */
  readonly look: number;
  /** Whether all that was chosen last was here. */
  readonly isComplete: boolean;
  /** The points to draw, no more than a budget; null until the first are here. Asks for what is missing. */
  frame(projection: Projection, budget: { now: number; resting: number }, radiusPx: number): PointsFrame | null;
  color(coloring: Coloring): void;
  /** 1 for each row that the filters keep, and for each that is selected; null while nothing is filtered, or selected. */
  sift(kept: Uint8Array | null, picked: Uint8Array | null): void;
  /** Says which batches are not needed any more. */
  onForgotten: (batch: PointBatch) => void;
  end(): void;
}

/** How strongly the rows from `start` on are drawn; null where all are in full. A mask alone is taken as it is. */
export function strengthsOf(kept: Uint8Array | null, picked: Uint8Array | null, start: number, n: number): Uint8Array | null {
  if (!picked) return kept?.subarray(start, start + n) ?? null;
  const strengths = new Uint8Array(n);
  for (let at = 0; at < n; at++) {
    const row = start + at;
    strengths[at] = kept?.[row] === 0 ? FAINT : picked[row] === 0 ? BACK : FULL;
  }
  return strengths;
}
