import { CELLS_PER_TILE, type Cell } from "../bundle/cells";
import type { MapData } from "../bundle/map-data";
import type { Card } from "../bundle/model";
import { type Projection, visibleTiles } from "../state/camera";
import type { CollageLayer } from "./collage";
import { paintCaption, paintTextCard, paintThumbnail } from "./painting";
import { gridRect } from "./rect";
import type { Tokens } from "./tokens";

/** Cells wider than this on the screen get their sharp pictures. */
const SHARP_FROM_PX = 74;
const CAPTION_FROM_PX = 132;
const MAX_ITEMS = 120;

interface SharpItem {
  picture: ImageBitmap | null;
  isCutOut: boolean;
  card: Card | null;
}

/**
 * Beyond the deepest level the collage's pixels are spent: here every visible item is drawn by itself, its picture sharp,
 * its text set as text.
 */
export class ItemsLayer {
  private readonly items = new Map<number, SharpItem>();
  private readonly loading = new Set<number>();
  private readonly knownCells = new Map<string, Cell[]>();
  private readonly loadingCells = new Set<string>();

  constructor(
    private readonly data: MapData,
    private readonly collage: CollageLayer,
    private readonly onArrival: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get isLoading(): boolean {
    return this.loading.size > 0 || this.loadingCells.size > 0;
  }

  /** Paints the visible items one by one if they are few and large enough; returns whether it did. */
  paint(context: CanvasRenderingContext2D, projection: Projection, level: number, ratio: number, tokens: Tokens): boolean {
    if (projection.cellPx(level) < SHARP_FROM_PX) return false;
    const visible = this.visibleCells(projection, level);
    if (!visible || visible.length > MAX_ITEMS) return false;
    const n = CELLS_PER_TILE * 2 ** level;
    const wantsCaption = projection.cellPx(level) >= CAPTION_FROM_PX;
    for (const cell of visible) {
      const rect = gridRect(projection, n, cell.column, cell.row, ratio);
      const item = this.itemNow(cell, wantsCaption || cell.isTextCard);
      if (cell.isTextCard) this.paintCard(context, cell, level, rect, item, tokens);
      else if (item?.picture) paintThumbnail(context, item.picture, item.isCutOut, rect);
      else this.paintFromTile(context, cell, level, rect);
      if (wantsCaption && !cell.isTextCard && item?.card?.text) paintCaption(context, item.card.text, rect, tokens);
    }
    return true;
  }

  /** The cells that the screen shows, or null while they are being read. */
  private visibleCells(projection: Projection, level: number): Cell[] | null {
    const { tx0, ty0, tx1, ty1 } = visibleTiles(projection, level);
    const all: Cell[] = [];
    let isMissing = false;
    for (let ty = ty0; ty <= ty1; ty++) {
      for (let tx = tx0; tx <= tx1; tx++) {
        const cells = this.cellsNow(level, tx, ty);
        if (cells) all.push(...cells);
        else isMissing = true;
      }
    }
    return isMissing ? null : all.filter((cell) => isOnScreen(projection, level, cell));
  }

  /** The cells of a tile if they are here; asks for them otherwise. */
  cellsNow(level: number, tx: number, ty: number): Cell[] | undefined {
    const key = `${level}/${tx}/${ty}`;
    const known = this.knownCells.get(key);
    if (!known && !this.loadingCells.has(key)) {
      this.loadingCells.add(key);
      this.data
        .tileCells({ z: level, tx, ty })
        .catch((error): Cell[] => {
          this.onFailure(error);
          return [];
        })
        .then((cells) => {
          this.knownCells.set(key, cells);
          this.loadingCells.delete(key);
          this.onArrival();
        });
    }
    return known;
  }

  private itemNow(cell: Cell, wantsText: boolean): SharpItem | undefined {
    const known = this.items.get(cell.item);
    const isEnough = known && (known.card || !wantsText);
    if (!isEnough && !this.loading.has(cell.item)) void this.load(cell, wantsText);
    return known;
  }

  private async load(cell: Cell, wantsText: boolean): Promise<void> {
    const { item } = cell;
    this.loading.add(item);
    try {
      const [picture, card] = await Promise.all([
        cell.isTextCard ? null : this.data.pictureOf(item),
        wantsText ? this.data.card(item) : null,
      ]);
      this.items.set(item, { picture, isCutOut: picture !== null && hasClearCorners(picture), card });
    } catch (error) {
      this.items.set(item, { picture: null, isCutOut: false, card: null });
      this.onFailure(error);
    } finally {
      this.loading.delete(item);
      this.onArrival();
    }
  }

  private paintCard(
    context: CanvasRenderingContext2D,
    cell: Cell,
    level: number,
    rect: { x: number; y: number; width: number; height: number },
    item: SharpItem | undefined,
    tokens: Tokens,
  ): void {
    if (item?.card?.text) paintTextCard(context, item.card.text, cell.item, rect, tokens);
    else this.paintFromTile(context, cell, level, rect);
  }

  private paintFromTile(
    context: CanvasRenderingContext2D,
    cell: Cell,
    level: number,
    rect: { x: number; y: number; width: number; height: number },
  ): void {
    const id = { z: level, tx: Math.floor(cell.column / CELLS_PER_TILE), ty: Math.floor(cell.row / CELLS_PER_TILE) };
    const tile = this.collage.tileNow(id);
    if (!tile) return;
    const side = tile.width / CELLS_PER_TILE;
    const sx = (cell.column % CELLS_PER_TILE) * side;
    const sy = (cell.row % CELLS_PER_TILE) * side;
    context.drawImage(tile, sx, sy, side, side, rect.x, rect.y, rect.width, rect.height);
  }
}

function isOnScreen(projection: Projection, level: number, cell: Cell): boolean {
  const { x, y, width } = gridRect(projection, CELLS_PER_TILE * 2 ** level, cell.column, cell.row, 1);
  const { widthPx, heightPx } = projection.viewport;
  return x + width > 0 && y + width > 0 && x < widthPx && y < heightPx;
}

/** A picture whose corners are clear stands free; any other is a photo, and gets a frame's round corners. */
function hasClearCorners(picture: ImageBitmap): boolean {
  const canvas = new OffscreenCanvas(2, 2);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return false;
  const { width, height } = picture;
  for (const [column, row] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
    context.drawImage(picture, column * (width - 1), row * (height - 1), 1, 1, column, row, 1, 1);
  }
  const { data } = context.getImageData(0, 0, 2, 2);
  return [3, 7, 11, 15].some((at) => data[at]! < 40);
}
