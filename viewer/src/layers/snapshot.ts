import type { Viewport } from "../state/camera";
import type { Tokens } from "./tokens";

/** What lies over each other on the screen, from the ground up, each as sharp as the picture is to be. */
export interface Sheet {
  /** The collage or the items on their ground. */
  picture: CanvasImageSource;
  points: CanvasImageSource | null;
  lines: SVGSVGElement;
  marks: CanvasImageSource | null;
  labels: HTMLElement;
  badges: CanvasImageSource | null;
}

/** A line of words under a picture: what it shows, and how far it can be believed. */
export interface Caption {
  title: string;
  facts: string[];
}

export const CAPTION_PX = 64;
const LINE_HEIGHT = 1.16;
const PADDING_PX = 20;

/** Puts a view together as one picture, `scale` times as sharp as a plain screen. */
export function composed(sheet: Sheet, viewport: Viewport, scale: number, tokens: Tokens): HTMLCanvasElement {
  const { widthPx, heightPx } = viewport;
  const { canvas, context } = blank(widthPx, heightPx, scale, tokens.page);
  const whole = [0, 0, widthPx, heightPx] as const;
  context.drawImage(sheet.picture, ...whole);
  if (sheet.points) context.drawImage(sheet.points, ...whole);
  drawLines(context, sheet.lines);
  if (sheet.marks) context.drawImage(sheet.marks, ...whole);
  drawLabels(context, sheet.labels, tokens.font);
  if (sheet.badges) context.drawImage(sheet.badges, ...whole);
  return canvas;
}

/** Lays pictures beside each other, or below each other on a narrow screen, with a caption for them all. */
export function framed(
  pictures: readonly HTMLCanvasElement[],
  isStacked: boolean,
  scale: number,
  tokens: Tokens,
  caption: Caption | null,
): HTMLCanvasElement {
  const sum = (side: "width" | "height") => pictures.reduce((all, picture) => all + picture[side], 0) / scale;
  const largest = (side: "width" | "height") => Math.max(...pictures.map((picture) => picture[side])) / scale;
  const widthPx = isStacked ? largest("width") : sum("width");
  const heightPx = isStacked ? sum("height") : largest("height");
  const { canvas, context } = blank(widthPx, heightPx + (caption ? CAPTION_PX : 0), scale, tokens.page);
  let [x, y] = [0, 0];
  for (const picture of pictures) {
    context.drawImage(picture, x, y, picture.width / scale, picture.height / scale);
    if (isStacked) y += picture.height / scale;
    else x += picture.width / scale;
  }
  if (caption) drawCaption(context, caption, { widthPx, heightPx }, tokens);
  return canvas;
}

function blank(
  widthPx: number,
  heightPx: number,
  scale: number,
  color: string,
): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(widthPx * scale);
  canvas.height = Math.round(heightPx * scale);
  const context = canvas.getContext("2d")!;
  context.scale(scale, scale);
  context.fillStyle = color;
  context.fillRect(0, 0, widthPx, heightPx);
  return { canvas, context };
}

/** Draws the paths and frames of a drawing as the style sheet has them. */
function drawLines(context: CanvasRenderingContext2D, svg: SVGSVGElement): void {
  for (const shape of svg.children) {
    const style = getComputedStyle(shape);
    context.globalAlpha = Number(style.opacity);
    context.strokeStyle = style.stroke;
    context.lineWidth = Number.parseFloat(style.strokeWidth);
    context.lineCap = style.strokeLinecap as CanvasLineCap;
    context.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(Number.parseFloat));
    context.stroke(outlineOf(shape));
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function outlineOf(shape: Element): Path2D {
  if (!(shape instanceof SVGRectElement)) return new Path2D(shape.getAttribute("d") ?? "");
  const path = new Path2D();
  const [x, y, width, height, rx] = ["x", "y", "width", "height", "rx"].map((name) => Number(shape.getAttribute(name)));
  path.roundRect(x!, y!, width!, height!, rx!);
  return path;
}

/** Sets the names where they stand on the page, in the same type. */
function drawLabels(context: CanvasRenderingContext2D, parent: HTMLElement, font: string): void {
  const origin = parent.getBoundingClientRect();
  for (const label of parent.children) {
    const box = label.getBoundingClientRect();
    const style = getComputedStyle(label);
    const x = box.left - origin.left;
    const y = box.top - origin.top;
    context.fillStyle = style.backgroundColor;
    context.beginPath();
    context.roundRect(x, y, box.width, box.height, Number.parseFloat(style.borderRadius) || 0);
    context.fill();
    const px = Number.parseFloat(style.fontSize);
    context.font = `${style.fontWeight} ${px}px ${font}`;
    context.letterSpacing = style.letterSpacing === "normal" ? "0px" : style.letterSpacing;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = style.color;
    const lines = (label.textContent ?? "").split("\n");
    const middle = y + Number.parseFloat(style.paddingTop) + (lines.length * px * LINE_HEIGHT) / 2;
    for (const [index, line] of lines.entries()) {
      context.fillText(line, x + box.width / 2, middle + (index - (lines.length - 1) / 2) * px * LINE_HEIGHT);
    }
    context.letterSpacing = "0px";
  }
}

function drawCaption(
  context: CanvasRenderingContext2D,
  { title, facts }: Caption,
  { widthPx, heightPx }: Viewport,
  tokens: Tokens,
): void {
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  const shortened = (text: string) => {
    let shown = text;
    while (shown.length > 1 && context.measureText(shown).width > widthPx - 2 * PADDING_PX)
      shown = `${shown.slice(0, -2).trimEnd()}…`;
    return shown;
  };
  context.fillStyle = tokens.ink;
  context.font = `660 17px ${tokens.font}`;
  context.fillText(shortened(title), PADDING_PX, heightPx + 26);
  context.fillStyle = tokens.inkSoft;
  context.font = `420 12.5px ${tokens.font}`;
  context.fillText(shortened(facts.join("  ·  ")), PADDING_PX, heightPx + 47);
}
