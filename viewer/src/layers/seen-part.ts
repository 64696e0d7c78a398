import { type Bounds, type Projection, type RectPx, seenBox } from "../state/camera";

/** The part of the layout that the screen shows and no panel covers. */
export class SeenPart {
  constructor(
    readonly box: Bounds,
    private readonly covered: readonly Bounds[],
  ) {}

  has(x: number, y: number): boolean {
    return holds(this.box, x, y) && !this.covered.some((panel) => holds(panel, x, y));
  }

  /** Whether all of a square is seen. */
  hasAll({ x0, y0, size }: { x0: number; y0: number; size: number }): boolean {
    const { box } = this;
    const isOnScreen = x0 >= box.x0 && y0 >= box.y0 && x0 + size <= box.x1 && y0 + size <= box.y1;
    return (
      isOnScreen && !this.covered.some((panel) => panel.x0 < x0 + size && panel.x1 > x0 && panel.y0 < y0 + size && panel.y1 > y0)
    );
  }
}

/** What is seen beside panels, with so much around the screen as what is drawn there may still stick out. */
export function seenPart(projection: Projection, panels: readonly RectPx[], marginPx: number): SeenPart {
  const boundsOf = ({ x, y, width, height }: RectPx): Bounds => {
    const low = projection.toLayout({ x, y });
    const high = projection.toLayout({ x: x + width, y: y + height });
    return { x0: low.x, y0: low.y, x1: high.x, y1: high.y };
  };
  return new SeenPart(seenBox(projection, marginPx), panels.map(boundsOf));
}

function holds({ x0, y0, x1, y1 }: Bounds, x: number, y: number): boolean {
  return x >= x0 && x <= x1 && y >= y0 && y <= y1;
}
