/** The manifest as it lies on disk: `docs/format.md` in types. Names stay as on the wire; `bundle/` turns them into our own. */

export interface AtlasManifest {
  format: "vista-atlas";
  format_version: number;
  title: string;
  sets: Record<string, ItemSetEntry>;
  maps: Record<string, MapEntry>;
  provenance: Provenance;
  warnings: string[];
  skipped: { name: string; reason: string }[];
  n_skipped: number;
  files: Record<string, { n_bytes: number; sha256: string }>;
}

export interface ItemSetEntry {
  n_items: number;
  items: string;
  cards: { data: string; index: string; items_per_block: number };
  titles: string | null;
  pictures: { data: string; index: string; n: number; px: number; of: "item" | "library" } | null;
  neighbors: { path: string; k: number; metric: string; exact: boolean; recall: number | null } | null;
  text_column: string | null;
  columns: { name: string; type: string }[];
}

export interface MapEntry {
  set: string;
  n_items: number;
  title: string;
  extent: { x0: number; y0: number; size: number };
  items: string;
  points: { xy: string; item: string; trust_false?: string | null; trust_missing?: string | null };
  colors: ColorEntry[];
  collage: CollageEntry | null;
  ground: string | null;
  preview: string | null;
  labels: string | null;
  regions: string | null;
  fidelity: FidelitySummary | null;
  fidelity_curve: string | null;
  representation: { encoder: string; space: string | null; dim: number; n_zero: number; metric: string };
  layout: { method: string; parameters: Record<string, unknown>; seed: number | null };
}

export type ColorEntry = CategoryColorEntry | NumberColorEntry;

export interface CategoryColorEntry {
  name: string;
  kind: "category";
  path: string;
  dtype: "uint8" | "uint16";
  categories: string[];
  counts: number[];
}

export interface NumberColorEntry {
  name: string;
  kind: "number";
  path: string;
  dtype: "float32";
  low: number;
  high: number;
}

export interface CollageEntry {
  tiles: string;
  cells: string;
  n_levels: number;
  cell_px: number;
  tile_px: number;
  rule: string;
  rule_text: string;
  pictures: "items" | "library" | "cards" | "mixed";
  picture_text: string;
  alone_share: number;
}

export interface FidelitySummary {
  metric: string;
  n_queries: number;
  exact: boolean;
  k: number[];
  percent: (number | null)[];
  gain: number[];
  gain_ci: [number, number][];
  rnx: number[];
  rnx_area: number;
  trustworthiness: number[];
  continuity: number[];
  null: { mean: number; low: number; high: number; n: number };
  trust_k: number;
  mean_false: number;
  mean_missing: number;
}

export interface FidelityFile extends FidelitySummary {
  curve: { k: number[]; rnx: number[] };
  null_gain: { mean: number[]; low: number[]; high: number[] };
}

export interface Provenance {
  vista_version: string;
  command: string;
  parameters: Record<string, unknown>;
  seed: number;
  inputs: { name: string; sha256: string; n_bytes: number }[];
  versions: Record<string, string>;
  created: string;
  seconds: Record<string, number>;
}

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

export interface RegionsFile {
  levels: RegionEntry[][];
}

export interface RegionEntry {
  name: string;
  terms: [string, number][];
  n_items: number;
  parent: number;
  x: number;
  y: number;
  representative: number;
  trust_false: number | null;
  trust_missing: number | null;
}
