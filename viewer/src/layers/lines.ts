import { CORNER_SHARE, edgePx, type Mark } from "./marks";

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Lines from an item to its nearest items in the representation: the nearer, the stronger.
 *
 * Lines to items that the map has torn away are broken.
 */
export class LinesLayer {
  constructor(private readonly svg: SVGSVGElement) {}

  paint(from: Mark | null, near: readonly Mark[], torn: readonly Mark[] = []): void {
    this.svg.replaceChildren();
    if (!from) return;
    const to = [...near, ...torn];
    const casings = to.map((mark) => path(from, mark, "line-casing"));
    const lines = to.map((mark, rank) => {
      const line = path(from, mark, rank < near.length ? "line" : "line is-torn");
      const share = to.length > 1 ? rank / (to.length - 1) : 0;
      line.style.strokeWidth = `${2.4 - 1.3 * share}px`;
      line.style.opacity = String(0.95 - 0.5 * share);
      return line;
    });
    this.svg.append(...casings, ...lines, ...to.map(frame));
  }
}

/** A line that bends a little, so that lines in one direction stay apart; it leaves both frames at their edges. */
function path(from: Mark, to: Mark, className: string): SVGPathElement {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const dx = (to.x - from.x) / length;
  const dy = (to.y - from.y) / length;
  const leave = edgePx(from, dx, dy);
  const arrive = edgePx(to, dx, dy);
  const bend = { x: (from.x + to.x) / 2 - dy * length * 0.08, y: (from.y + to.y) / 2 + dx * length * 0.08 };
  const line = document.createElementNS(NAMESPACE, "path");
  const start = `${from.x + dx * leave} ${from.y + dy * leave}`;
  const stop = `${to.x - dx * arrive} ${to.y - dy * arrive}`;
  // Side by side, the frames already touch.
  if (leave + arrive < length) line.setAttribute("d", `M${start}Q${bend.x} ${bend.y} ${stop}`);
  line.setAttribute("class", className);
  return line;
}

function frame({ x, y, radiusPx, isSquare }: Mark): SVGRectElement {
  const rect = document.createElementNS(NAMESPACE, "rect");
  const side = String(2 * radiusPx);
  rect.setAttribute("x", String(x - radiusPx));
  rect.setAttribute("y", String(y - radiusPx));
  rect.setAttribute("width", side);
  rect.setAttribute("height", side);
  rect.setAttribute("rx", String(isSquare ? radiusPx * CORNER_SHARE : radiusPx));
  rect.setAttribute("class", "line-end");
  return rect;
}
