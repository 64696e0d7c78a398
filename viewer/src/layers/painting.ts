import { cardColor, type Tint } from "./cards";
import type { RectPx } from "./rect";
import type { Tokens } from "./tokens";

/** A picture fills 56 of its cell's 64 px. */
const PICTURE_SHARE = 56 / 64;
const CORNER_SHARE = 0.1;

/** Paints a cut-out fitted into its cell, and a photo as a square with round corners. */
export function paintThumbnail(context: CanvasRenderingContext2D, picture: ImageBitmap, isCutOut: boolean, cell: RectPx): void {
  const side = cell.width * PICTURE_SHARE;
  const x = cell.x + (cell.width - side) / 2;
  const y = cell.y + (cell.height - side) / 2;
  const { width, height } = picture;
  if (isCutOut) {
    const scale = side / Math.max(width, height);
    const w = width * scale;
    const h = height * scale;
    context.drawImage(picture, x + (side - w) / 2, y + (side - h) / 2, w, h);
    return;
  }
  const square = Math.min(width, height);
  context.save();
  context.beginPath();
  context.roundRect(x, y, side, side, side * CORNER_SHARE);
  context.clip();
  context.drawImage(picture, (width - square) / 2, (height - square) / 2, square, square, x, y, side, side);
  context.restore();
}

/** Sets a text on a softly tinted card, as large as it fits. */
export function paintTextCard(context: CanvasRenderingContext2D, text: string, tint: Tint, cell: RectPx, tokens: Tokens): void {
  const side = cell.width * PICTURE_SHARE;
  const x = cell.x + (cell.width - side) / 2;
  const y = cell.y + (cell.height - side) / 2;
  context.fillStyle = cardColor(tint, "paper", tokens.isDark);
  context.beginPath();
  context.roundRect(x, y, side, side, side * CORNER_SHARE);
  context.fill();
  context.fillStyle = cardColor(tint, "ink", tokens.isDark);
  const padding = side * 0.09;
  const set = fittedLines(context, text, side - 2 * padding, side - 2 * padding, tokens.font);
  paintLines(context, set, x + side / 2, y + side / 2);
}

/** The square that a caption leaves to its picture. */
export function aboveCaption(cell: RectPx): RectPx {
  const side = cell.width * 0.78;
  return { x: cell.x + (cell.width - side) / 2, y: cell.y, width: side, height: side };
}

/** Sets up to two lines under a picture. */
export function paintCaption(context: CanvasRenderingContext2D, text: string, cell: RectPx, tokens: Tokens): void {
  const px = Math.min(15, Math.max(10.5, cell.width * 0.079));
  context.font = `480 ${px}px ${tokens.font}`;
  const lines = wrapped(context, text, cell.width * 0.9, 2);
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const top = cell.y + cell.height * 0.79 + px * 0.5;
  for (const [index, line] of lines.entries()) {
    const y = top + index * px * 1.2;
    context.fillStyle = tokens.inkSoft;
    context.fillText(line, cell.x + cell.width / 2, y);
  }
}

interface SetLines {
  lines: string[];
  fontPx: number;
}

function fittedLines(context: CanvasRenderingContext2D, text: string, width: number, height: number, font: string): SetLines {
  for (const share of [0.2, 0.16, 0.13, 0.11, 0.095]) {
    const fontPx = Math.max(8, width * share);
    context.font = `500 ${fontPx}px ${font}`;
    const maxLines = Math.floor(height / (fontPx * 1.22));
    const lines = wrapped(context, text, width, maxLines);
    if (!lines.at(-1)?.endsWith("…") || share === 0.095) return { lines, fontPx };
  }
  return { lines: [], fontPx: 0 };
}

function paintLines(context: CanvasRenderingContext2D, { lines, fontPx }: SetLines, x: number, y: number): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  const lineHeight = fontPx * 1.22;
  const top = y - ((lines.length - 1) * lineHeight) / 2;
  for (const [index, line] of lines.entries()) context.fillText(line, x, top + index * lineHeight);
}

/** Breaks a text into at most `maxLines` lines between words; what is left out ends in "…". */
export function wrapped(
  context: Pick<CanvasRenderingContext2D, "measureText">,
  text: string,
  width: number,
  maxLines: number,
): string[] {
  const fits = (line: string) => context.measureText(line).width <= width;
  const lines: string[] = [];
  let line = "";
  const words = text.slice(0, 400).split(/\s+/).filter(Boolean);
  for (const [index, word] of words.entries()) {
    const longer = line ? `${line} ${word}` : word;
    if (fits(longer) || line === "") {
      line = longer;
      continue;
    }
    if (lines.length + 1 === maxLines) return [...lines, shortened(`${line} ${words.slice(index).join(" ")}`, fits)];
    lines.push(line);
    line = word;
  }
  return [...lines, fits(line) ? line : shortened(line, fits)];
}

function shortened(line: string, fits: (line: string) => boolean): string {
  const characters = Array.from(line);
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(`${characters.slice(0, middle).join("").trimEnd()}…`)) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join("").trimEnd()}…`;
}
