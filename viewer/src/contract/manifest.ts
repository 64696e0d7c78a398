/** Generated from schema/atlas.schema.json by `npm run contract`; change the schema's source instead. */

/**
 * Everything that `atlas.json` holds.
 */
export interface Manifest {
  format: "vista-atlas";
  format_version: number;
  title: string;
  study?: StudyEntry;
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
 * Whose latents are studied, and on what.
 */
export interface StudyEntry {
  model: string;
  sae: string;
  hook_name: string;
  d_sae: number;
  pooling: string;
  n_items: number;
  store_sha256: string;
  model_sha256: string;
  sae_sha256: string;
  neuronpedia_id: string | null;
  sanity: SanityEntry | null;
  probe?: boolean;
}
/**
 * How the autoencoder does on the study's data; `fvu` and `l0` on its first `n_tokens` tokens, `dead_share` on all items.
 */
export interface SanityEntry {
  fvu: number | null;
  l0: number;
  expected_l0: number | null;
  dead_share: number;
  n_tokens: number;
}
/**
 * Items, stored once and shown by one map or several; many texts have an index in place of titles.
 *
 * `served_search` is only in what `vista serve` answers, where it can answer api/search.
 */
export interface SetEntry {
  n_items: number;
  items: string;
  cards: CardsEntry;
  titles: string | null;
  search?: SearchEntry;
  served_search?: boolean;
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
 * An index of the words of many texts, read in ranges; `characters` of each text are indexed.
 */
export interface SearchEntry {
  terms: string;
  index: string;
  postings: string;
  n_terms: number;
  characters: number;
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
 * One map of items of a set; early atlases lack `bounds`. Only maps of a study or an activation have `kind` or keys at the end.
 *
 * Where there is no representation to judge the map by, `fidelity`, its curve and `representation` are None. `same_items` names
 * tiled maps, made before, of the items of this one.
 */
export interface MapEntry {
  kind?: "latent" | "dictionary";
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
  fidelity: FidelityEntry | null;
  fidelity_curve: string | null;
  representation: RepresentationEntry | null;
  layout: LayoutEntry;
  same_items?: {
    [k: string]: RowsEntry;
  };
  neighbors?: MapNeighborsEntry;
  tokens?: TokensEntry;
  terrain?: string;
  outcomes?: string;
  activation?: ActivationEntry;
  latent?: LatentEntry;
  opens?: {
    [k: string]: string;
  };
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
 * Files of the columns that drawing needs, in drawing order; a tiled map has `tiles` and no `item`; early atlases lack `region`.
 */
export interface PointsEntry {
  tiles?: string;
  xy: string;
  item: string | null;
  trust_false: string | null;
  trust_missing: string | null;
  region?: string;
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
 * A column to color by, as numbers between `low` and `high`; a tiled map has them once more as shades of one byte.
 */
export interface NumberColor {
  name: string;
  kind: "number";
  path: string;
  dtype: "float32";
  low: number;
  high: number;
  shades?: string;
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
 * Files that say for each row of a tiled map which row of another shows the same item (`there`), and the reverse (`here`).
 */
export interface RowsEntry {
  there: string;
  here: string;
}
/**
 * The nearest items of every item under the map's own metric: records of k uint32 items, then k float32 distances.
 */
export interface MapNeighborsEntry {
  path: string;
  k: number;
  metric: string;
}
/**
 * Blocks of the tokens on which a latent fires; `high` is the largest activation in them.
 */
export interface TokensEntry {
  data: string;
  index: string;
  items_per_block: number;
  high: number;
}
/**
 * What a map is conditioned on, how that counts in its metric, and what came of it; `column` is one of the user's or null.
 */
export interface ActivationEntry {
  name: string;
  form: string;
  column: string | null;
  weight: number;
  scale: string;
  transform: string;
  gain_cosine: (number | null)[];
  moran_i: number | null;
}
/**
 * What is known of the latent that a map shows.
 */
export interface LatentEntry {
  latent: number;
  neuronpedia_url: string | null;
  why: string;
  n_active: number;
  density: number;
  maximum: number;
  mean: number;
  histogram: number[];
  sampling: string;
  weight: number;
  scale: string;
  transform: string;
  keeps_latent: boolean;
  gain_cosine: (number | null)[];
  moran_i: number | null;
  label: string;
  keywords: string[];
  explanations: ExplanationEntry[];
  top: number[];
  flags: string[];
  scores: ScoreEntry[];
  missed: MissedEntry[];
}
/**
 * A sentence on what a latent responds to, and whose it is.
 */
export interface ExplanationEntry {
  text: string;
  source: string;
}
/**
 * A figure on a label, from `n` trials.
 */
export interface ScoreEntry {
  name: string;
  value: number | null;
  n: number;
  baselines: BaselineEntry[];
}
/**
 * What a score is where there is nothing to find.
 */
export interface BaselineEntry {
  name: string;
  value: number | null;
}
/**
 * A region in which the latent fires and that its label misses.
 */
export interface MissedEntry {
  level: number;
  region: number;
  recall: number;
  n: number;
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
