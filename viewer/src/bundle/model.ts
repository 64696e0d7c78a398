import type { CategoryColor, NumberColor } from "../contract/manifest";

/** The atlas in the viewer's own words: the same facts as the manifest, in camelCase. */
export interface Atlas {
  title: string;
  sets: ReadonlyMap<string, ItemSet>;
  maps: ReadonlyMap<string, AtlasMap>;
  fileSizes: ReadonlyMap<string, number>;
  vistaVersion: string;
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
  /** Where items lie within the extent: smallest and largest coordinates. */
  bounds: { x0: number; y0: number; x1: number; y1: number };
  points: { xy: string; item: string; trustFalse: string; trustMissing: string };
  colors: ColorColumn[];
  collage: Collage | null;
  ground: string | null;
  preview: string | null;
  labels: string;
  fidelity: Fidelity;
  fidelityCurve: string;
  representation: { encoder: string; dim: number; metric: string };
  layoutMethod: string;
  /** What the run that made the map had to say, and how many inputs it left out. */
  notes: string[];
  nSkipped: number;
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
