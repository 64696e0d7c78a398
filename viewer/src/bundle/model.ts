import type { CategoryColor, NumberColor } from "../contract/manifest";

/** The atlas in the viewer's own words: the same facts as the manifest, in camelCase. */
export interface Atlas {
  title: string;
  /** Whose latents the maps are of; null where the atlas is no study. */
  study: Study | null;
  sets: ReadonlyMap<string, ItemSet>;
  maps: ReadonlyMap<string, AtlasMap>;
  fileSizes: ReadonlyMap<string, number>;
  vistaVersion: string;
}

/** Whose latents are studied, and on what. */
export interface Study {
  model: string;
  sae: string;
  hookName: string;
  dSae: number;
  pooling: string;
  nItems: number;
  sanity: { fvu: number | null; l0: number; expectedL0: number | null; deadShare: number; nTokens: number } | null;
  /** Whether the server of this page can say which latents fire on a text. */
  canProbe: boolean;
}

export interface ItemSet {
  id: string;
  nItems: number;
  cards: { data: string; index: string; itemsPerBlock: number };
  titles: string | null;
  /** The index of many texts' words, in place of titles. */
  search: { terms: string; index: string; postings: string } | null;
  /** Whether the server of this page searches the texts, which are too many for an index. */
  isSearchServed: boolean;
  pictures: { data: string; index: string; px: number; of: "item" | "library" } | null;
  neighbors: { k: number; metric: string } | null;
  columns: { name: string; type: string }[];
}

export interface AtlasMap {
  id: string;
  kind: "items" | "latent" | "dictionary";
  title: string;
  setId: string;
  /** A map may show only some items of its set. */
  nItems: number;
  extent: Extent;
  /** Where items lie within the extent: smallest and largest coordinates. */
  bounds: { x0: number; y0: number; x1: number; y1: number };
  points: PointFiles;
  colors: ColorColumn[];
  collage: Collage | null;
  ground: string | null;
  preview: string | null;
  labels: string;
  /** Null where there is no representation to judge the map by, and so are its curve, the representation and trust. */
  fidelity: Fidelity | null;
  fidelityCurve: string | null;
  representation: { encoder: string; dim: number; metric: string } | null;
  layoutMethod: string;
  regions: string;
  /** Of a tiled map: other tiled maps of the same items, and the file that says for each row which row is the same item there. */
  rowsOn: ReadonlyMap<string, string>;
  /** The nearest items under the map's own metric; null where those on the cards hold. */
  neighbors: { path: string; k: number; metric: string } | null;
  /** The tokens on which the map's latent fires; `high` is the largest activation in them. */
  tokens: { data: string; index: string; itemsPerBlock: number; high: number } | null;
  terrain: string | null;
  /** What came of each row when the latent's label was tried; null where none was judged, and in early atlases. */
  outcomes: string | null;
  latent: Latent | null;
  /** What the map is conditioned on where that is no latent: a column, a neuron, a direction. */
  activation: Activation | null;
  /** Moran's I of the activation on the map; null where it has none. */
  moranI: number | null;
  /** Of a dictionary: the map that an item opens. */
  opens: ReadonlyMap<number, string>;
  /** What the run that made the map had to say, and how many inputs it left out. */
  notes: string[];
  nSkipped: number;
}

/** The files that drawing points needs. */
export interface PointFiles {
  /** The directory of tiles; null where the points are few enough to come whole. With tiles, the item of a row is the row. */
  tiles: string | null;
  xy: string;
  item: string | null;
  trustFalse: string | null;
  trustMissing: string | null;
  /** In which region of the finest level each row lies; null in early atlases. */
  region: string | null;
}

/** The square of the layout that the map shows; y grows downwards. */
export interface Extent {
  x0: number;
  y0: number;
  size: number;
}

export type ColorColumn = CategoryColor | NumberColor;
export type { CategoryColor, NumberColor };

export interface Collage {
  tiles: string;
  cells: string;
  sheets: { data: string; index: string } | null;
  nLevels: number;
  /** Levels from here on have no tiles; they are drawn from the sheets. */
  nTileLevels: number;
  rule: string;
  ruleText: string;
  pictures: "items" | "library" | "cards" | "mixed";
  pictureText: string;
}

export interface Fidelity {
  metric: string;
  nQueries: number;
  exact: boolean;
  rows: FidelityRow[];
  rnxArea: number | null;
  nullArea: { low: number | null; high: number | null; n: number };
  trustK: number;
  meanFalse: number | null;
  meanMissing: number | null;
}

/** The figures at one neighborhood size; null where a map has too few items for them. */
export interface FidelityRow {
  k: number;
  percent: number | null;
  gain: number | null;
  gainLow: number | null;
  gainHigh: number | null;
  /** Share of the k nearest that the map keeps, Q(k) = G(k) + k / (n − 1). */
  kept: number | null;
  /** The same share where the items lie at random. */
  chance: number;
  rnx: number | null;
  trustworthiness: number | null;
  continuity: number | null;
  /** The gain where cosine says what is near, on a map under another metric; null elsewhere. */
  gainCosine: number | null;
}

export interface FidelityCurve {
  k: number[];
  rnx: number[];
}

/** What the viewer shows of one item. */
export interface Card {
  item: number;
  id: string;
  sourceRow: number;
  text: string | null;
  columns: [string, unknown][];
  picture: number | null;
  neighbors: number[];
  distances: number[];
}

/** A name on the map; it shows while minZoom ≤ zoom < maxZoom. */
export interface MapLabel {
  text: string;
  x: number;
  y: number;
  level: number;
  region: number;
  nItems: number;
  minZoom: number;
  maxZoom: number;
  widthPx: number;
  heightPx: number;
  fontPx: number;
}

/** How an activation counts in the metric of its map. */
export interface Weighing {
  weight: number;
  scale: string;
  transform: string;
}

export interface Activation extends Weighing {
  name: string;
  form: string;
}

/** What is known of the latent that a map shows. */
export interface Latent extends Weighing {
  latent: number;
  neuronpediaUrl: string | null;
  /** Why it was chosen. */
  why: string;
  nActive: number;
  /** Share of the store's items on which it fires. */
  density: number;
  maximum: number;
  mean: number;
  /** Counts of equal steps from 0 to the maximum, of all items of the store on which it fires. */
  histogram: number[];
  sampling: string;
  keepsLatent: boolean;
  label: string;
  keywords: string[];
  explanations: { text: string; source: string }[];
  /** Items with the largest activation, the strongest first. */
  top: number[];
  flags: string[];
  scores: Score[];
  missed: { level: number; region: number; recall: number; n: number }[];
}

/** A figure on a label, from n trials, beside what it is where there is nothing to find. */
export interface Score {
  name: string;
  value: number | null;
  n: number;
  baselines: { name: string; value: number | null }[];
}

/** A part of the map: its name and where that stands, what sets it apart, and how far its items can be believed. */
export interface Region {
  /** "" where nothing sets it apart. */
  name: string;
  terms: [term: string, weight: number][];
  nItems: number;
  /** Its region in the level above; -1 in the coarsest. */
  parent: number;
  x: number;
  y: number;
  representative: number;
  /** Mean share of false and of missing neighbors; null without a representation. */
  trustFalse: number | null;
  trustMissing: number | null;
  /** Mean distance of its other items to the representative; null without a representation, and in early atlases. */
  spread: number | null;
  /** Mean activation, on a map that is conditioned on one. */
  activation: number | null;
  /** Share of its held-out texts that the label of the map's latent finds; null where they are few, or nothing was judged. */
  recall: number | null;
}

/** The nearest items of one item, near to far, and the metric that says so. */
export interface Neighbors {
  items: number[];
  distances: number[];
  metric: string;
}

/** A token on which a latent fires: from one character of the text to before another, in code points. */
export interface TokenSpan {
  start: number;
  end: number;
  value: number;
}
