import { ACTIVATION } from "../bundle/columns";
import type { AtlasMap, CategoryColor, ColorColumn, NumberColor } from "../bundle/model";

export type Rgb = readonly [number, number, number];

/** Okabe and Ito's colors without black, then those of Paul Tol's "muted" that stay apart from them. */
const CATEGORY_HEX = [
  "#0f7fc4",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#d55e00",
  "#56b4e9",
  "#b8a800",
  "#882255",
  "#44aa99",
  "#6a5acd",
  "#999933",
  "#aa4499",
  "#117733",
  "#ddaa77",
  "#5577aa",
  "#ee7788",
]; // prettier-ignore
export const OTHER: Rgb = [150, 152, 158];

/** Viridis at eleven even steps, without its darkest end, which a dark ground would swallow. */
const NUMBER_HEX = [
  "#46327e",
  "#3f4788",
  "#365c8d",
  "#2e6f8e",
  "#277f8e",
  "#21918c",
  "#1fa187",
  "#4ac16d",
  "#7ad151",
  "#bddf26",
  "#fde725",
];

/** A latent's activation: one hue that stands out the more from the page the stronger the latent fires. */
const HEAT_LIGHT_HEX = ["#dfc9a8", "#e6b273", "#e2904a", "#cd6a2c", "#a8461c", "#7a2a12"];
const HEAT_DARK_HEX = ["#574536", "#84583a", "#b3713a", "#dd9549", "#f4bf78", "#ffe6bb"];

/** From "to be believed" to "not": calm blue, amber, deep red, ever darker, so that it reads with any kind of color vision. */
const TRUST_HEX = ["#abc3dc", "#c6be9e", "#d8ab56", "#de8233", "#cd552a", "#b52d26"];

const RAMPS_HEX = { number: NUMBER_HEX, heat: HEAT_LIGHT_HEX, "dark-heat": HEAT_DARK_HEX, trust: TRUST_HEX };
/** The colors that numbers run through. */
export type Ramp = keyof typeof RAMPS_HEX;

const CATEGORIES = CATEGORY_HEX.map(rgbFrom);
const RAMPS: Record<Ramp, Rgb[]> = {
  number: NUMBER_HEX.map(rgbFrom),
  heat: HEAT_LIGHT_HEX.map(rgbFrom),
  "dark-heat": HEAT_DARK_HEX.map(rgbFrom),
  trust: TRUST_HEX.map(rgbFrom),
};

/** The ramp of a column: the activation that a map is conditioned on has one of its own. */
export function rampOf(map: AtlasMap, column: ColorColumn, isDark: boolean): Ramp {
  if (!(map.latent ?? map.activation) || column.name !== ACTIVATION) return "number";
  return isDark ? "dark-heat" : "heat";
}

/** The color of a category: the sixteen most frequent have their own, the others share a gray. */
export function categoryColor(code: number): Rgb {
  return CATEGORIES[code] ?? OTHER;
}

/** Colors by category code, most frequent first; a category named "other" is always gray. */
export function categoryColors(column: CategoryColor): Rgb[] {
  const order = column.counts.map((_, code) => code).sort((a, b) => column.counts[b]! - column.counts[a]! || a - b);
  const colors: Rgb[] = column.categories.map(() => OTHER);
  let next = 0;
  for (const code of order) if (column.categories[code] !== "other") colors[code] = categoryColor(next++);
  return colors;
}

/** The color of a number; OTHER where there is none. */
export function numberColor(column: NumberColor, value: number, which: Ramp = "number"): Rgb {
  if (Number.isNaN(value)) return OTHER;
  const range = column.high - column.low;
  return rampColor(which, range > 0 ? (value - column.low) / range : 0.5);
}

/** The color at a share of the way along a ramp. */
export function rampColor(which: Ramp, share: number): Rgb {
  return ramp(RAMPS[which], share);
}

/** The color of a share of false or missing neighbors. */
export function trustColor(share: number): Rgb {
  return rampColor("trust", share);
}

export function cssColor([r, g, b]: Rgb, alpha = 1): string {
  return `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)} / ${alpha})`;
}

/** A CSS gradient for a legend. */
export function legendGradient(which: Ramp): string {
  return `linear-gradient(90deg, ${RAMPS_HEX[which].join(", ")})`;
}

function ramp(stops: readonly Rgb[], share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const low = Math.floor(at);
  const a = stops[low]!;
  const b = stops[Math.min(low + 1, stops.length - 1)]!;
  const t = at - low;
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function rgbFrom(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
