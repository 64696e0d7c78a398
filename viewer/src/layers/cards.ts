import { CELL_PX, CELLS_PER_TILE, type Cell, TILE_PX } from "../bundle/cells";

/** How text cards look: on a light or a dark page, and where they are too small to be read, as plain chips. */
export interface CardStyle {
  isDark: boolean;
  isChip: boolean;
}

/** The color of a card's paper without its lightness: a and b of OKLab. */
export interface Tint {
  a: number;
  b: number;
}

/** A card on a tile: its cell there, its tint, and how light its paper was drawn (luma, 0 to 255). */
export interface TileCard {
  x: number;
  y: number;
  tint: Tint;
  paperLuma: number;
}

type Rgb = readonly [number, number, number];

/** Below this width of a cell the words of a card cannot be read. */
export const CHIP_BELOW_PX = 32;

const CARD_PX = 56;
const CARD_INSET_PX = (CELL_PX - CARD_PX) / 2;
/** The strip at a card's left edge, beside its hairline, on which nothing is ever written. */
const PAPER = { x: CARD_INSET_PX + 2, y: CELL_PX / 2 - 16, width: 2, height: 32 };
const CHIP = { width: 46, height: 34, radius: 10 };
/** Lightness, and chroma as a multiple of the paper's as it was drawn. */
const TONES = {
  light: { paper: [0.945, 1], ink: [0.33, 1.7], chip: [0.83, 2.1] },
  dark: { paper: [0.32, 1.1], ink: [0.93, 0.6], chip: [0.47, 1.9] },
} as const;

/** The color of a part of a card, for a canvas. */
export function cardColor({ a, b }: Tint, part: "paper" | "ink" | "chip", isDark: boolean): string {
  const [lightness, chroma] = TONES[isDark ? "dark" : "light"][part];
  return `oklab(${lightness} ${(a * chroma).toFixed(4)} ${(b * chroma).toFixed(4)})`;
}

/** Finds the cards on a tile and reads their tints from their paper, so that a card has one color at every zoom. */
export function readCards(tile: ImageBitmap, cells: readonly Cell[]): TileCard[] {
  const shown = cells.filter((cell) => cell.isTextCard);
  const context = shown.length > 0 ? drawnOn(tile) : null;
  if (!context) return [];
  return shown.map(({ column, row }) => {
    const x = (column % CELLS_PER_TILE) * CELL_PX;
    const y = (row % CELLS_PER_TILE) * CELL_PX;
    const paper = meanColor(context.getImageData(x + PAPER.x, y + PAPER.y, PAPER.width, PAPER.height).data);
    return { x, y, tint: tintOf(paper), paperLuma: luma(...paper) };
  });
}

/** Draws a tile anew with its cards in a style; the tile itself where that is how it was drawn. */
export function styledTile(tile: ImageBitmap, cards: readonly TileCard[], { isDark, isChip }: CardStyle): CanvasImageSource {
  if (cards.length === 0 || !(isDark || isChip)) return tile;
  const context = drawnOn(tile);
  if (!context) return tile;
  for (const card of cards) {
    if (isChip) drawChip(context, card, isDark);
    else darken(context, card);
  }
  return context.canvas;
}

function drawnOn(tile: ImageBitmap): OffscreenCanvasRenderingContext2D | null {
  const context = new OffscreenCanvas(TILE_PX, TILE_PX).getContext("2d", { willReadFrequently: true });
  context?.drawImage(tile, 0, 0, TILE_PX, TILE_PX);
  return context;
}

function drawChip(context: OffscreenCanvasRenderingContext2D, { x, y, tint }: TileCard, isDark: boolean): void {
  context.clearRect(x, y, CELL_PX, CELL_PX);
  fillChip(context, { x, y, width: CELL_PX, height: CELL_PX }, tint, isDark);
}

/** A plain chip in the middle of a cell of any size. */
export function fillChip(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  cell: { x: number; y: number; width: number; height: number },
  tint: Tint,
  isDark: boolean,
): void {
  const scale = cell.width / CELL_PX;
  const width = CHIP.width * scale;
  const height = CHIP.height * scale;
  context.fillStyle = cardColor(tint, "chip", isDark);
  context.beginPath();
  context.roundRect(cell.x + (cell.width - width) / 2, cell.y + (cell.height - height) / 2, width, height, CHIP.radius * scale);
  context.fill();
}

/** Turns dark ink on light paper into light ink on dark paper of the same tint. */
function darken(context: OffscreenCanvasRenderingContext2D, { x, y, tint, paperLuma }: TileCard): void {
  const image = context.getImageData(x + CARD_INSET_PX, y + CARD_INSET_PX, CARD_PX, CARD_PX);
  const { data } = image;
  const paper = toned(tint, TONES.dark.paper);
  const ink = toned(tint, TONES.dark.ink);
  const inkLuma = luma(...toned(tint, TONES.light.ink));
  for (let at = 0; at < data.length; at += 4) {
    const share = (paperLuma - luma(data[at]!, data[at + 1]!, data[at + 2]!)) / (paperLuma - inkLuma);
    const inked = Math.min(1, Math.max(0, share));
    for (let channel = 0; channel < 3; channel++) {
      data[at + channel] = paper[channel]! + (ink[channel]! - paper[channel]!) * inked;
    }
  }
  context.putImageData(image, x + CARD_INSET_PX, y + CARD_INSET_PX);
}

function meanColor(data: Uint8ClampedArray): Rgb {
  const sum = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) for (let i = 0; i < 3; i++) sum[i]! += data[at + i]!;
  const n = data.length / 4;
  return [sum[0]! / n, sum[1]! / n, sum[2]! / n];
}

function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** From sRGB to a and b of OKLab (Ottosson 2020). */
export function tintOf([red, green, blue]: Rgb): Tint {
  const linear = (value: number) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return { a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s };
}

function toned({ a, b }: Tint, [lightness, chroma]: readonly [number, number]): Rgb {
  return srgbOf(lightness, a * chroma, b * chroma);
}

/** From OKLab to sRGB, 0 to 255. */
export function srgbOf(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const encoded = (value: number) =>
    255 * Math.min(1, Math.max(0, value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
