/** What the files beside the manifest hold, as `docs/format.md` says; names stay as on the wire. */
import type { FidelityEntry } from "./manifest";

/** One item in a block of `cards.bin`. */
export interface CardEntry {
  item: number;
  id: string;
  source_row: number;
  text: string | null;
  columns: Record<string, unknown>;
  picture: number | null;
  neighbors: number[];
  distances: number[];
}

export interface LabelsFile {
  font_px: number[];
  labels: LabelEntry[];
}

export interface LabelEntry {
  text: string;
  x: number;
  y: number;
  level: number;
  region: number;
  n_items: number;
  min_zoom: number;
  max_zoom: number;
  width_px: number;
  height_px: number;
}

export interface FidelityFile extends FidelityEntry {
  curve: { k: number[]; rnx: (number | null)[] };
}

/** Levels of nested regions, the coarsest first. */
export interface RegionsFile {
  levels: RegionEntry[][];
}

export interface RegionEntry {
  name: string;
  terms: [term: string, weight: number][];
  n_items: number;
  /** Its region in the level above; -1 in the coarsest. */
  parent: number;
  x: number;
  y: number;
  representative: number;
  trust_false: number | null;
  trust_missing: number | null;
  spread?: number;
  activation?: number;
  recall?: number | null;
}

/** One row of a block of tokens: start, end and activation of each token on which the latent fires. */
export type TokensRow = [number, number, number][];

/** What `api/probe` answers. */
export interface ProbeAnswer {
  tokens: [number, number][];
  /** How many latents fire on the text; absent from early servers, as `asked` is. */
  n_firing?: number;
  latents: ProbedRow[];
  /** By what they are ranked: "salience" is the share of a latent's maximum times ln(1/density). Early servers rank by value. */
  ranked_by?: "salience" | "value";
  /** The latent that was asked for, with its place among those that fire; null where it is silent. */
  asked?: (ProbedRow & { rank: number | null }) | null;
}

export interface ProbedRow {
  latent: number;
  label: string;
  value: number;
  /** The value beside the latent's largest on the study's texts; null where that is unknown. */
  share?: number | null;
  map: string | null;
  spans: TokensRow;
}
