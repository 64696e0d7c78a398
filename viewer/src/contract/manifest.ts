/** Generated from schema/atlas.schema.json by `npm run contract`; change the schema's source instead. */

/**
 * Everything that `atlas.json` holds.
 */
export interface Manifest {
  format: "vista-atlas";
  format_version: number;
  title: string;
  sets: {
    [k: string]: SetEntry;
  };
  maps: {
    [k: string]: MapEntry;
  };
  provenance: Provenance;
  history: Provenance[];
  warnings: string[];
  skipped: SkippedEntry[];
  n_skipped: number;
  files: {
    [k: string]: FileEntry;
  };
}
/**
 * Items, stored once and shown by one map or several.
 */
export interface SetEntry {
  n_items: number;
  items: string;
  cards: CardsEntry;
  titles: string | null;
  pictures: PicturesEntry | null;
  neighbors: NeighborsEntry | null;
  text_column: string | null;
  columns: ColumnEntry[];
}
/**
 * Blocks of item cards.
 */
export interface CardsEntry {
  data: string;
  index: string;
  items_per_block: number;
}
/**
 * Blocks of pictures; `of` says whether block i is the picture of item i or one that cards name.
 */
export interface PicturesEntry {
  data: string;
  index: string;
  n: number;
  px: number;
  of: "item" | "library";
}
/**
 * The nearest items of every item in the representation.
 */
export interface NeighborsEntry {
  path: string;
  k: number;
  metric: string;
  exact: boolean;
  recall: number;
}
/**
 * One of the user's columns, with the name of its Arrow type.
 */
export interface ColumnEntry {
  name: string;
  type: string;
}
/**
 * One map of a set of items; early atlases lack `bounds`.
 */
export interface MapEntry {
  set: string;
  n_items: number;
  title: string;
  extent: ExtentEntry;
  bounds?: BoundsEntry;
  items: string;
  points: PointsEntry;
  colors: (CategoryColor | NumberColor)[];
  collage: CollageEntry | null;
  ground: string | null;
  preview: string | null;
  labels: string;
  regions: string;
  fidelity: FidelityEntry;
  fidelity_curve: string;
  representation: RepresentationEntry;
  layout: LayoutEntry;
}
/**
 * The square of the layout that the map shows.
 */
export interface ExtentEntry {
  x0: number;
  y0: number;
  size: number;
}
/**
 * The part of the square in which items lie: smallest and largest coordinates.
 */
export interface BoundsEntry {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}
/**
 * Files of the columns that drawing needs, in drawing order.
 */
export interface PointsEntry {
  xy: string;
  item: string;
  trust_false: string;
  trust_missing: string;
}
/**
 * A column to color by, as codes of named categories, the most frequent first.
 */
export interface CategoryColor {
  name: string;
  kind: "category";
  path: string;
  dtype: "uint8" | "uint16";
  categories: string[];
  counts: number[];
}
/**
 * A column to color by, as numbers between `low` and `high`.
 */
export interface NumberColor {
  name: string;
  kind: "number";
  path: string;
  dtype: "float32";
  low: number;
  high: number;
}
/**
 * The pyramid of pictures, and how the pictures were chosen.
 */
export interface CollageEntry {
  tiles: string;
  cells: string;
  sheets: SheetsEntry | null;
  n_levels: number;
  n_tile_levels: number;
  cell_px: number;
  tile_px: number;
  rule: string;
  rule_text: string;
  pictures: "items" | "library" | "cards" | "mixed";
  picture_text: string;
  alone_share: number;
}
/**
 * The pictures of the deeper levels, 64 to a sheet.
 */
export interface SheetsEntry {
  data: string;
  index: string;
  n: number;
}
/**
 * How far the map keeps the neighbors of the representation; lists run over `k`, None stands for "not defined".
 *
 * Early atlases have `null_gain` only in `fidelity.json`.
 */
export interface FidelityEntry {
  metric: string;
  n_queries: number;
  exact: boolean;
  k: number[];
  percent: (number | null)[];
  gain: (number | null)[];
  gain_ci: [number | null, number | null][];
  rnx: (number | null)[];
  rnx_area: number | null;
  trustworthiness: (number | null)[];
  continuity: (number | null)[];
  null: NullEntry;
  null_gain?: NullGainEntry;
  trust_k: number;
  mean_false: number | null;
  mean_missing: number | null;
}
/**
 * The area under R_NX of shuffled layouts: mean, smallest and largest of n.
 */
export interface NullEntry {
  mean: number | null;
  low: number | null;
  high: number | null;
  n: number;
}
/**
 * The gain of shuffled layouts at every `k`: mean, smallest and largest.
 */
export interface NullGainEntry {
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}
/**
 * The vectors behind a map.
 */
export interface RepresentationEntry {
  encoder: string;
  space: string | null;
  dim: number;
  n_zero: number;
  metric: string;
}
/**
 * How the coordinates were made.
 */
export interface LayoutEntry {
  method: string;
  parameters: {
    [k: string]: unknown;
  };
  seed: number;
}
/**
 * The command that made a map, what it ran on, and what it had to say; early atlases lack the last three keys.
 */
export interface Provenance {
  map: string;
  vista_version: string;
  command: string;
  parameters: {
    [k: string]: unknown;
  };
  seed: number;
  inputs: InputEntry[];
  versions: {
    [k: string]: string;
  };
  created: string;
  seconds: {
    [k: string]: number;
  };
  warnings?: string[];
  skipped?: SkippedEntry[];
  n_skipped?: number;
}
/**
 * A file that was read: base name, SHA-256 in hex, bytes.
 */
export interface InputEntry {
  name: string;
  sha256: string;
  n_bytes: number;
}
/**
 * An item that was left out, and why.
 */
export interface SkippedEntry {
  name: string;
  reason: string;
}
/**
 * Size and SHA-256 (hex) of one file of the atlas.
 */
export interface FileEntry {
  n_bytes: number;
  sha256: string;
}
