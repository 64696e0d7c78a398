import { onlyItemOf } from "../bundle/item-rows";
import type { MapLabel } from "../bundle/model";
import type { Bounds, Camera, PointPx } from "../state/camera";
import { cameraAround } from "../state/fitting";
import type { RegionId } from "../state/hash";
import { itemZoom } from "../state/levels";
import { childrenOf } from "../state/region-names";
import type { LabelsLayer } from "./labels";
import { readRegionPlaces } from "./region-places";
import { ITEMS_BEYOND_FIT, type Sight } from "./sight";

/** How far beyond the whole map one flies to a point, and to a region at least. */
const ZOOM_TO_POINT = 4;
const ZOOM_TO_REGION = 2;
/** Zoom levels by which the names of a region's parts are surely there. */
const PAST_NAMES = 0.35;

/** Takes the camera to an item, or into a region. */
export class Flights {
  constructor(
    private readonly sight: Sight,
    private readonly labels: LabelsLayer,
  ) {}

  /** Flies to an item and comes near enough to see it by itself. */
  async visit(item: number): Promise<void> {
    const { navigator, data, places, deepestLevel } = this.sight;
    await places.read([item]);
    const level = data.map.collage ? await places.levelAlone(item, deepestLevel) : 0;
    const place = data.map.collage ? await places.cellOf(item, level) : places.of(item);
    if (!place || this.sight.isEnded) return;
    const pointZoom = Math.max(navigator.fitZoom + ZOOM_TO_POINT, await places.zoomTo(item));
    this.flyBeside({ ...place, zoom: data.map.collage ? itemZoom(level) : pointZoom });
  }

  /** Shows an item where it stood on another map, as near as it was there. */
  async meet(item: number, at: PointPx, beyondFit: number): Promise<void> {
    const { navigator, places } = this.sight;
    await places.read([item]);
    const place = places.of(item);
    if (!place || this.sight.isEnded || beyondFit < ITEMS_BEYOND_FIT) return;
    navigator.stop();
    navigator.place({ ...place, zoom: navigator.fitZoom + beyondFit });
    const { x, y } = navigator.projection.toScreen(place.x, place.y);
    navigator.panBy(at.x - x, at.y - y);
    this.sight.refresh();
  }

  /** Moves, without zooming, to the item nearest to the middle of the screen. */
  async findItems(): Promise<void> {
    const { navigator, places } = this.sight;
    const item = await places.nearestTo(navigator.camera);
    const place = item === null ? undefined : places.of(item);
    if (!place || this.sight.isEnded) return;
    this.flyBeside({ ...place, zoom: navigator.camera.zoom });
  }

  /** Flies to where all of some rows are seen, of a tiled map about all, and no nearer than to a single item. */
  async visitRows(mask: Uint8Array): Promise<void> {
    const { data, navigator, places, wishes } = this.sight;
    const only = await onlyItemOf(data, mask);
    if (only !== null) return this.visit(only);
    const box = await places.boundsOf(mask);
    if (!box || this.sight.isEnded) return;
    const nearest = data.map.collage ? navigator.maxZoom - 1 : navigator.fitZoom + ZOOM_TO_POINT;
    const whole = cameraAround(box, data.map.extent, navigator.viewport, wishes.covered);
    this.flyBeside({ ...whole, zoom: Math.min(nearest, whole.zoom) });
  }

  /** Flies into a region, no nearer than that all of it is seen. */
  async visitRegion(level: number, region: number): Promise<void> {
    const { data, navigator, wishes } = this.sight;
    const [labels, regions, box] = await Promise.all([data.labels(), data.regions(), this.boundsOfRegion({ level, region })]);
    const label = labels.find((one) => one.level === level && one.region === region);
    const place = regions[level]?.[region];
    const parts = await this.partsNamedFrom({ level, region });
    if (this.sight.isEnded || !place) return;
    const pastNames = (parts ?? label?.maxZoom ?? 0) + PAST_NAMES;
    const near = Math.min(navigator.maxZoom - 1, Math.max(navigator.fitZoom + ZOOM_TO_REGION, pastNames));
    const whole = box && cameraAround(box, data.map.extent, navigator.viewport, wishes.covered);
    this.flyBeside(whole ? { ...whole, zoom: Math.min(near, whole.zoom) } : { x: place.x, y: place.y, zoom: near });
  }

  /** Flies into a region, to where the names of its parts appear. */
  async enter(label: MapLabel): Promise<void> {
    const { navigator } = this.sight;
    const parts = await this.partsNamedFrom(label);
    if (this.sight.isEnded) return;
    const beyond = Math.min((parts ?? label.maxZoom) + PAST_NAMES, navigator.camera.zoom + 3, navigator.maxZoom - 1);
    this.flyBeside({ x: label.x, y: label.y, zoom: Math.max(beyond, navigator.camera.zoom + 1) });
  }

  /** The zoom from which the names of a region's parts show; null where it has none that are named. */
  private async partsNamedFrom({ level, region }: RegionId): Promise<number | null> {
    const regions = await this.sight.data.regions();
    const parts = childrenOf(regions, level, region).map((part) => ({ level: level + 1, region: part }));
    return this.labels.halfNamedFrom(parts);
  }

  /** The box in which the items of a region lie; null where the atlas does not say, or is too large to look through for it. */
  private async boundsOfRegion(id: RegionId): Promise<Bounds | null> {
    const { data, places } = this.sight;
    const found = data.isTiled ? null : await readRegionPlaces(data, id);
    return found && places.boundsOf(found.isIn);
  }

  /** Flies to where a camera's middle is in the middle of what panels leave to see. */
  private flyBeside(camera: Camera): void {
    const { navigator, wishes, refresh } = this.sight;
    navigator.flyTo(navigator.beside(camera, wishes.covered));
    refresh();
  }
}
