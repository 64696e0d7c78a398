import type { MapData } from "../bundle/map-data";
import { TileCache, type TileId, tileKey } from "../bundle/tile-cache";
import { type Projection, visibleTiles } from "../state/camera";
import { gridRect, type RectPx } from "./rect";

const BUDGET_BYTES = 220_000_000;
const FADE_MS = 150;
const MAX_LOADING = 24;

interface LoadedTile {
  /** Null where the map is empty. */
  picture: ImageBitmap | null;
}

export interface CollageFrame {
  /** Every tile that should show is there and has faded in. */
  isComplete: boolean;
  isFading: boolean;
}

/**
 * Paints the tiles of one level; works wherever a canvas does.
 *
 * A tile that comes into view fades in over what stood for it: its ancestor, its children, or the preview of the whole map.
 */
export class CollageLayer {
  private readonly tiles = new TileCache<LoadedTile>(BUDGET_BYTES, (tile) => tile.picture?.close());
  private readonly loading = new Set<string>();
  private readonly failed = new Set<string>();
  private shownSince = new Map<string, number>();
  preview: ImageBitmap | null = null;
  fadeMs = FADE_MS;

  constructor(
    private readonly data: MapData,
    private readonly onArrival: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Paints `level`; what is not here yet is asked for. */
  paint(context: CanvasRenderingContext2D, projection: Projection, level: number, nowMs: number, ratio: number): CollageFrame {
    const frame = { isComplete: true, isFading: false };
    const shown = new Map<string, number>();
    const range = visibleTiles(projection, level);
    for (let ty = range.ty0; ty <= range.ty1; ty++) {
      for (let tx = range.tx0; tx <= range.tx1; tx++) {
        const id = { z: level, tx, ty };
        this.paintTile(context, id, gridRect(projection, 2 ** level, tx, ty, ratio), nowMs, shown, frame);
      }
    }
    this.shownSince = shown;
    return frame;
  }

  get isLoading(): boolean {
    return this.loading.size > 0;
  }

  /** The tile's picture if it is here; asks for it otherwise. */
  tileNow(id: TileId): ImageBitmap | null {
    const tile = this.tiles.get(id);
    if (!tile) this.load(id);
    return tile?.picture ?? null;
  }

  private paintTile(
    context: CanvasRenderingContext2D,
    id: TileId,
    rect: RectPx,
    nowMs: number,
    shown: Map<string, number>,
    frame: CollageFrame,
  ): void {
    const tile = this.tiles.get(id);
    const opacity = context.globalAlpha;
    if (!tile) {
      this.load(id);
      frame.isComplete &&= this.failed.has(tileKey(id));
      this.paintStandIn(context, id, rect);
      return;
    }
    const since = this.shownSince.get(tileKey(id)) ?? nowMs;
    shown.set(tileKey(id), since);
    const share = this.fadeMs > 0 ? Math.min(1, (nowMs - since) / this.fadeMs) : 1;
    if (share < 1) {
      frame.isFading = true;
      frame.isComplete = false;
      context.globalAlpha = opacity * (1 - share);
      this.paintStandIn(context, id, rect);
    }
    context.globalAlpha = opacity * share;
    if (tile.picture) context.drawImage(tile.picture, rect.x, rect.y, rect.width, rect.height);
    context.globalAlpha = opacity;
  }

  private paintStandIn(context: CanvasRenderingContext2D, id: TileId, rect: RectPx): void {
    const ancestor = this.tiles.standIn(id);
    if (ancestor) {
      if (ancestor.tile.picture) paintPart(context, ancestor.tile.picture, ancestor.u, ancestor.v, ancestor.span, rect);
      return;
    }
    if (this.paintChildren(context, id, rect) || !this.preview) return;
    const span = 1 / 2 ** id.z;
    paintPart(context, this.preview, id.tx * span, id.ty * span, span, rect);
  }

  private paintChildren(context: CanvasRenderingContext2D, { z, tx, ty }: TileId, rect: RectPx): boolean {
    let any = false;
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const child = this.tiles.get({ z: z + 1, tx: tx * 2 + dx, ty: ty * 2 + dy });
      any ||= child !== undefined;
      const width = rect.width / 2;
      const height = rect.height / 2;
      if (child?.picture) context.drawImage(child.picture, rect.x + dx * width, rect.y + dy * height, width, height);
    }
    return any;
  }

  private load(id: TileId): void {
    const key = tileKey(id);
    if (this.loading.has(key) || this.failed.has(key) || this.loading.size >= MAX_LOADING) return;
    this.loading.add(key);
    this.data
      .tilePicture(id)
      .then((picture) => this.tiles.put(id, { picture }, picture ? picture.width * picture.height * 4 : 64))
      .catch((error) => {
        this.failed.add(key);
        this.onFailure(error);
      })
      .finally(() => {
        this.loading.delete(key);
        this.onArrival();
      });
  }
}

function paintPart(
  context: CanvasRenderingContext2D,
  picture: ImageBitmap,
  u: number,
  v: number,
  span: number,
  rect: RectPx,
): void {
  const { width, height } = picture;
  context.drawImage(picture, u * width, v * height, span * width, span * height, rect.x, rect.y, rect.width, rect.height);
}
