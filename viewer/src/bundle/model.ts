import type * as wire from "../contract/atlas";

/** The atlas in the viewer's own words: the same facts as the manifest, in camelCase. */
export interface Atlas {
  title: string;
  sets: ReadonlyMap<string, ItemSet>;
  maps: ReadonlyMap<string, AtlasMap>;
  fileSizes: ReadonlyMap<string, number>;
  vistaVersion: string;
  warnings: string[];
  nSkipped: number;
}

export interface ItemSet {
  id: string;
  nItems: number;
  cards: { data: string; index: string; itemsPerBlock: number };
  titles: string | null;
  pictures: { data: string; index: string; px: number; of: "item" | "library" } | null;
  neighbors: { k: number; metric: string } | null;
  columns: { name: string; type: string }[];
}

export interface AtlasMap {
  id: string;
  title: string;
  setId: string;
  nItems: number;
  extent: Extent;
  points: { xy: string; item: string; trustFalse: string | null; trustMissing: string | null };
  colors: ColorColumn[];
  collage: Collage | null;
  ground: string | null;
  preview: string | null;
  labels: string | null;
  regions: string | null;
  fidelity: Fidelity | null;
  fidelityCurve: string | null;
  representation: { encoder: string; dim: number; metric: string };
  layoutMethod: string;
}

/** The square of the layout that the map shows; y grows downwards. */
export interface Extent {
  x0: number;
  y0: number;
  size: number;
}

export type ColorColumn = wire.ColorEntry;

export interface Collage {
  tiles: string;
  cells: string;
  nLevels: number;
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
  rnxArea: number;
  nullArea: { mean: number; low: number; high: number; n: number };
  trustK: number;
  meanFalse: number;
  meanMissing: number;
}

/** The figures at one neighborhood size. */
export interface FidelityRow {
  k: number;
  percent: number | null;
  gain: number;
  gainLow: number;
  gainHigh: number;
  /** Share of the k nearest that the map keeps, Q(k) = G(k) + k / (n − 1). */
  kept: number;
  /** The same share where the items lie at random. */
  chance: number;
  rnx: number;
  trustworthiness: number;
  continuity: number;
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

export interface Region {
  name: string;
  terms: string[];
  nItems: number;
  x: number;
  y: number;
}
