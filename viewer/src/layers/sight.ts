import { AtlasError } from "../bundle/errors";
import type { MapData } from "../bundle/map-data";
import type { Collage } from "../bundle/model";
import type { Camera } from "../state/camera";
import { collageLevel, maxZoom } from "../state/levels";
import { Navigator } from "../state/navigator";
import { type Places, placesOf } from "./places";
import { TiledPoints } from "./tiled-points";
import { readTokens, type Tokens } from "./tokens";
import type { Wishes } from "./wishes";

/** Zoom levels beyond the whole map from which items are drawn one by one. */
export const ITEMS_BEYOND_FIT = 1.2;

/** One map as it is looked at now: what all parts of a stage go by. */
export class Sight {
  readonly navigator: Navigator;
  readonly places: Places;
  /** The points of a tiled map; null where they are few enough to be read whole. */
  readonly tiles: TiledPoints | null;
  tokens: Tokens;
  isEnded = false;
  private nReading = 0;

  constructor(
    readonly data: MapData,
    readonly root: HTMLElement,
    public wishes: Wishes,
    /** Asks for a frame. */
    readonly refresh: () => void,
    private readonly onFailure: (error: AtlasError) => void,
    camera?: Camera,
  ) {
    const { extent, collage, opens } = data.map;
    this.navigator = new Navigator(extent, this.viewport, maxZoom(collage, opens.size > 0), camera);
    this.navigator.covered = wishes.covered;
    this.tokens = readTokens(root);
    this.tiles = data.isTiled ? new TiledPoints(data, refresh, this.fail) : null;
    this.places = placesOf(data, this.tiles);
  }

  get viewport(): { widthPx: number; heightPx: number } {
    return { widthPx: this.root.clientWidth || 1, heightPx: this.root.clientHeight || 1 };
  }

  /** The collage where it is shown; null where there is none, or it is switched off. */
  get collage(): Collage | null {
    return this.wishes.layers.collage ? this.data.map.collage : null;
  }

  get deepestLevel(): number {
    return (this.data.map.collage?.nLevels ?? 1) - 1;
  }

  /** The level of the collage that the camera looks at. */
  get level(): number {
    const { collage } = this.data.map;
    return collage ? collageLevel(collage, this.navigator.camera.zoom) : 0;
  }

  /** Zoom levels beyond that at which the whole map is seen. */
  get beyondFit(): number {
    return this.navigator.camera.zoom - this.navigator.fitZoom;
  }

  get isReading(): boolean {
    return this.nReading > 0;
  }

  /** Waits for what is read, and asks for a frame when it has come. */
  reading<T>(work: Promise<T>, then: (value: T) => void): void {
    this.nReading++;
    work
      .then((value) => !this.isEnded && then(value))
      .catch(this.fail)
      .finally(() => {
        this.nReading--;
        this.refresh();
      });
  }

  readonly fail = (error: unknown): void => {
    if (this.isEnded) return;
    const told =
      error instanceof AtlasError
        ? error
        : new AtlasError(`A part of the map could not be read: ${String(error)}.`, "Reload the page.");
    this.onFailure(told);
  };
}
