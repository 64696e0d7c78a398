import type { PointPx } from "../state/camera";
import type { Tool } from "../state/view.svelte";

const NAMESPACE = "http://www.w3.org/2000/svg";
/** A lasso gets a corner each so many pixels. */
const LASSO_STEP_PX = 4;

/** A shape that is being drawn over the map, in pixels of the screen. */
export class Shape {
  private readonly path: PointPx[];

  constructor(
    readonly tool: Tool,
    start: PointPx,
  ) {
    this.path = [start];
  }

  extend(point: PointPx): void {
    if (this.tool === "box") this.path[1] = point;
    else {
      const last = this.path.at(-1)!;
      if (Math.hypot(point.x - last.x, point.y - last.y) >= LASSO_STEP_PX) this.path.push(point);
    }
  }

  get corners(): readonly PointPx[] {
    if (this.tool === "lasso") return this.path;
    const [a, b = a] = this.path as [PointPx, PointPx?];
    return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
  }
}

/** The outline of a shape while it is drawn. */
export class ShapeLayer {
  constructor(private readonly svg: SVGSVGElement) {}

  paint(shape: Shape | null): void {
    if (!shape) {
      this.svg.replaceChildren();
      return;
    }
    const points = shape.corners.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    const [casing, line] = ["shape-casing", "shape-line"].map((name) => {
      const polygon = document.createElementNS(NAMESPACE, "polygon");
      polygon.setAttribute("points", points);
      polygon.setAttribute("class", name);
      return polygon;
    });
    this.svg.replaceChildren(casing!, line!);
  }
}
