import type { Mark } from "./marks";

const NAMESPACE = "http://www.w3.org/2000/svg";

/** Lines from an item to its nearest items in the representation: the nearer, the stronger. */
export class LinesLayer {
  constructor(private readonly svg: SVGSVGElement) {}

  paint(from: Mark | null, to: readonly Mark[]): void {
    this.svg.replaceChildren();
    if (!from) return;
    const casings = to.map((mark) => path(from, mark, "line-casing"));
    const lines = to.map((mark, rank) => {
      const line = path(from, mark, "line");
      const share = to.length > 1 ? rank / (to.length - 1) : 0;
      line.style.strokeWidth = `${2.4 - 1.3 * share}px`;
      line.style.opacity = String(0.95 - 0.5 * share);
      return line;
    });
    const ends = to.map((mark) => end(mark));
    this.svg.append(...casings, ...lines, ...ends);
  }
}

/** A line that bends a little, so that lines in one direction stay apart; it leaves both rings at their edges. */
function path(from: Mark, to: Mark, className: string): SVGPathElement {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy) || 1;
  const start = { x: from.x + (dx / length) * from.radiusPx, y: from.y + (dy / length) * from.radiusPx };
  const stop = { x: to.x - (dx / length) * to.radiusPx, y: to.y - (dy / length) * to.radiusPx };
  const bend = { x: (from.x + to.x) / 2 - dy * 0.08, y: (from.y + to.y) / 2 + dx * 0.08 };
  const line = document.createElementNS(NAMESPACE, "path");
  line.setAttribute("d", `M${start.x} ${start.y}Q${bend.x} ${bend.y} ${stop.x} ${stop.y}`);
  line.setAttribute("class", className);
  return line;
}

function end({ x, y, radiusPx }: Mark): SVGCircleElement {
  const circle = document.createElementNS(NAMESPACE, "circle");
  circle.setAttribute("cx", String(x));
  circle.setAttribute("cy", String(y));
  circle.setAttribute("r", String(radiusPx));
  circle.setAttribute("class", "line-end");
  return circle;
}
