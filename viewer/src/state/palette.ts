import { ACTIVATION } from "../bundle/columns";
import type { AtlasMap, CategoryColor, ColorColumn, NumberColor } from "../bundle/model";

export type Rgb = readonly [number, number, number];

/**
 * Six of Okabe and Ito's colors, and ten more that stay furthest from these and from one another.
 *
 * Chosen one by one for the largest distance to all before it, as seen with full vision and without each kind of cone.
 */
const CATEGORY_HEX = [
  "#0f7fc4",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#d55e00",
  "#56b4e9",
  "#cdcd7e",
  "#736131",
  "#a3d5b4",
  "#9f2f7e",
  "#87984f",
  "#8a87fd",
  "#25e3de",
  "#4d53c1",
  "#e8c35a",
  "#36705c",
];
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

/** Numbers on both sides of zero, blue below and red above, and near zero a gray that either page shows. */
const SIGNED_LIGHT_HEX = ["#124a8c", "#3a78b8", "#7ba6cf", "#b9bcc0", "#d99a78", "#c05a3c", "#8c1d18"];
const SIGNED_DARK_HEX = ["#a9d0ff", "#6aa5e8", "#4a78ac", "#5c5f66", "#b0663f", "#e98a5c", "#ffc9a8"];

/** A latent's activation: one hue that stands out the more from the page the stronger the latent fires. */
const HEAT_LIGHT_HEX = ["#dfc9a8", "#e6b273", "#e2904a", "#cd6a2c", "#a8461c", "#7a2a12"];
const HEAT_DARK_HEX = ["#574536", "#84583a", "#b3713a", "#dd9549", "#f4bf78", "#ffe6bb"];

/** From "to be believed" to "not": calm blue, amber, deep red, ever darker, so that it reads with any kind of color vision. */
const TRUST_HEX = ["#abc3dc", "#c6be9e", "#d8ab56", "#de8233", "#cd552a", "#b52d26"];

const RAMPS_HEX = {
  number: NUMBER_HEX,
  signed: SIGNED_LIGHT_HEX,
  "dark-signed": SIGNED_DARK_HEX,
  heat: HEAT_LIGHT_HEX,
  "dark-heat": HEAT_DARK_HEX,
  trust: TRUST_HEX,
};
/** The colors that numbers run through. */
export type Ramp = keyof typeof RAMPS_HEX;

const CATEGORIES = CATEGORY_HEX.map(rgbFrom);
const GOLDEN_ANGLE = 137.508;
/** Light enough for a dark page and dark enough for a light one. */
const LIGHTNESSES = [0.64, 0.48, 0.8];
const CHROMAS = [0.14, 0.1, 0.12, 0.08, 0.13];
const RAMPS: Record<Ramp, Rgb[]> = {
  number: NUMBER_HEX.map(rgbFrom),
  signed: SIGNED_LIGHT_HEX.map(rgbFrom),
  "dark-signed": SIGNED_DARK_HEX.map(rgbFrom),
  heat: HEAT_LIGHT_HEX.map(rgbFrom),
  "dark-heat": HEAT_DARK_HEX.map(rgbFrom),
  trust: TRUST_HEX.map(rgbFrom),
};

/** The ramp of a column: numbers on both sides of zero have one, and the activation that a map is conditioned on. */
export function rampOf(map: AtlasMap, column: ColorColumn, isDark: boolean): Ramp {
  if (column.kind === "number" && column.low < 0 && column.high > 0) return isDark ? "dark-signed" : "signed";
  if (!(map.latent ?? map.activation) || column.name !== ACTIVATION) return "number";
  return isDark ? "dark-heat" : "heat";
}

/**
 * The color of a category by its rank: the sixteen most frequent have well-known ones, the rest a system of its own.
 *
 * Beyond the sixteenth, the hue turns by the golden angle from one to the next, so that however many there are none has a neighbor's
 * hue, and lightness and chroma take turns, which tells near hues apart for eyes that miss a cone (OKLCH, after Ottosson 2020).
 */
export function categoryColor(rank: number): Rgb {
  const known = CATEGORIES[rank];
  if (known) return known;
  const turn = rank - CATEGORIES.length;
  return fromOklch(LIGHTNESSES[turn % LIGHTNESSES.length]!, CHROMAS[turn % CHROMAS.length]!, (turn * GOLDEN_ANGLE) % 360);
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
export function numberColor({ low, high }: Range, value: number, which: Ramp = "number"): Rgb {
  return Number.isNaN(value) ? OTHER : rampColor(which, rampShare({ low, high }, value, which));
}

/** The smallest and the largest number of a column. */
type Range = Pick<NumberColor, "low" | "high">;

/** How far along its ramp a number is; where numbers have two sides, zero is in the middle. */
export function rampShare({ low, high }: Range, value: number, which: Ramp): number {
  if (which === "signed" || which === "dark-signed") return 0.5 + value / (2 * Math.max(-low, high));
  return high > low ? (value - low) / (high - low) : 0.5;
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

const N_LEGEND_STOPS = 16;

/** A CSS gradient for a legend that goes from the smallest number to the largest. */
export function legendGradient(which: Ramp, range: Range = { low: 0, high: 1 }): string {
  const stops = Array.from({ length: N_LEGEND_STOPS + 1 }, (_, at) => {
    const value = range.low + ((range.high - range.low) * at) / N_LEGEND_STOPS;
    return cssColor(rampColor(which, rampShare(range, value, which)));
  });
  return `linear-gradient(90deg, ${stops.join(", ")})`;
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

/** A color of OKLCH in sRGB; the chroma gives way until the screen can show it. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  for (let c = chroma; ; c *= 0.9) {
    const a = c * Math.cos((hue * Math.PI) / 180);
    const b = c * Math.sin((hue * Math.PI) / 180);
    const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    ] as const;
    if (c > 1e-3 && linear.some((part) => part < 0 || part > 1)) continue;
    return linear.map((part) => Math.round(255 * gamma(Math.min(1, Math.max(0, part))))) as unknown as Rgb;
  }
}

function gamma(part: number): number {
  return part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
}
