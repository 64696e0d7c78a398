import { CELLS_PER_TILE } from "../bundle/cells";
import { type Bounds, type Camera, cellAt, type RectPx } from "../state/camera";
import { cameraBeside } from "../state/fitting";
import { collageLevel } from "../state/levels";
import type { LabelsLayer } from "./labels";
import type { Sight } from "./sight";

/** Where the camera stands to show the whole map beside the panels that lie over it. */
export class WholeView {
  private camera: Camera | null = null;

  constructor(
    private readonly sight: Sight,
    private readonly labels: LabelsLayer,
    private readonly panels: () => RectPx[],
  ) {}

  /** Whether the camera rests where the whole map is seen. */
  get isShown(): boolean {
    const { camera, projection } = this.sight.navigator;
    if (!this.camera) return false;
    const { x, y, zoom } = this.camera;
    return Math.hypot(x - camera.x, y - camera.y) * projection.pxPerUnit < 1 && Math.abs(zoom - camera.zoom) < 1e-3;
  }

  flyThere(): void {
    this.camera = this.find();
    this.sight.navigator.flyTo(this.camera);
    this.sight.refresh();
  }

  place(): void {
    this.camera = this.find();
    this.sight.navigator.stop(); // a flight to where the whole was seen before would end there
    this.sight.navigator.place(this.camera);
  }

  private find(): Camera {
    const { data, navigator, wishes } = this.sight;
    return cameraBeside(data.map.extent, navigator.viewport, this.panels(), (zoom) => ({
      bounds: this.drawnBounds(zoom),
      names: wishes.layers.labels ? this.labels.boxesAt(zoom) : [],
    }));
  }

  /** What the drawn items take up at a zoom: whole cells, and for items that grow into their surroundings larger ones. */
  private drawnBounds(zoom: number): Bounds {
    const { collage, deepestLevel } = this.sight;
    const { extent, bounds } = this.sight.data.map;
    if (!collage) return bounds;
    const level = collageLevel(collage, zoom);
    const drawn = level === deepestLevel ? Math.max(0, level - 1) : level;
    const low = cellAt(extent, drawn, bounds.x0, bounds.y0);
    const high = cellAt(extent, drawn, bounds.x1, bounds.y1);
    const side = extent.size / (CELLS_PER_TILE * 2 ** drawn);
    return {
      x0: extent.x0 + low.column * side,
      y0: extent.y0 + low.row * side,
      x1: extent.x0 + (high.column + 1) * side,
      y1: extent.y0 + (high.row + 1) * side,
    };
  }
}
