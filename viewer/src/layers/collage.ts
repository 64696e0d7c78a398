import { CELL_PX, CELLS_PER_TILE, type Cell, TILE_PX } from "../bundle/cells";
import type { MapData } from "../bundle/map-data";
import { TileCache, type TileId, tileKey } from "../bundle/tile-cache";
import { type Projection, visibleTiles } from "../state/camera";
import { type CardStyle, CHIP_BELOW_PX, readCards, styledTile, type TileCard, type Tint } from "./cards";
import type { CellStrength } from "./kept-cells";
import { gridRect, type RectPx } from "./rect";

const BUDGET_BYTES = 220_000_000;
const FADE_MS = 150;
const MAX_LOADING = 24;

interface LoadedTile {
  id: TileId;
  /** Null where the map is empty. */
  picture: ImageBitmap | null;
  cards: readonly TileCard[];
  /** Its occupied cells; null until they are needed. */
  cells: readonly Cell[] | null;
  /** The tile with its cards in the style that was last asked for. */
  styled: { style: CardStyle; picture: CanvasImageSource } | null;
  /** What the filters and the selection leave of a styled picture. */
  sifted: { by: CellStrength; from: CanvasImageSource; picture: CanvasImageSource } | null;
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
  /** Whether cards are to be seen on a dark page. */
  isDark = false;
  /** What the filters and the selection leave of each cell; null while both leave all. */
  sieve: CellStrength | null = null;
  private isChip = false;

  constructor(
    private readonly data: MapData,
    private readonly onArrival: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Paints `level`; what is not here yet is asked for. */
  paint(context: CanvasRenderingContext2D, projection: Projection, level: number, nowMs: number, ratio: number): CollageFrame {
    const frame = { isComplete: true, isFading: false };
    this.isChip = projection.cellPx(level) < CHIP_BELOW_PX;
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

  /** Whether all tiles of a level that the screen shows are here, or cannot be read; asks for the others. */
  isHere(projection: Projection, level: number): boolean {
    const { tx0, ty0, tx1, ty1 } = visibleTiles(projection, level);
    let isHere = true;
    for (let ty = ty0; ty <= ty1; ty++) {
      for (let tx = tx0; tx <= tx1; tx++) {
        const id = { z: level, tx, ty };
        if (this.tiles.get(id) || this.failed.has(tileKey(id))) continue;
        this.load(id);
        isHere = false;
      }
    }
    return isHere;
  }

  /** The tile's picture if it is here, with cards as cells of this width show them; asks for it otherwise. */
  tileNow(id: TileId, cellPx: number): CanvasImageSource | null {
    const tile = this.tiles.get(id);
    if (!tile) this.load(id);
    return tile ? this.styled(tile, cellPx < CHIP_BELOW_PX) : null;
  }

  /** The tint of the card in a cell of a level, if its tile is here; asks for it otherwise. */
  tintNow({ column, row }: Cell, level: number): Tint | null {
    const id = { z: level, tx: Math.floor(column / CELLS_PER_TILE), ty: Math.floor(row / CELLS_PER_TILE) };
    const tile = this.tiles.get(id);
    if (!tile) this.load(id);
    const card = tile?.cards.find(
      ({ x, y }) => x === (column % CELLS_PER_TILE) * CELL_PX && y === (row % CELLS_PER_TILE) * CELL_PX,
    );
    return card?.tint ?? null;
  }

  /** The tile with what the filters leave out, or the selection, stepped back; as a whole until its cells are known. */
  private shown(tile: LoadedTile): { picture: CanvasImageSource | null; opacity: number } {
    const picture = this.styled(tile);
    const { sieve } = this;
    if (!picture || !sieve) return { picture, opacity: 1 };
    if (!tile.cells) {
      this.readCells(tile);
      return { picture, opacity: sieve.standIn };
    }
    if (tile.sifted?.by !== sieve || tile.sifted.from !== picture) {
      tile.sifted = { by: sieve, from: picture, picture: siftedTile(picture, tile.cells, tile.id.z, sieve) };
    }
    return { picture: tile.sifted.picture, opacity: 1 };
  }

  private readCells(tile: LoadedTile): void {
    const key = `cells ${tileKey(tile.id)}`;
    if (this.loading.has(key) || this.failed.has(key)) return;
    this.loading.add(key);
    this.data
      .tileCells(tile.id)
      .then((cells) => {
        tile.cells = cells;
      })
      .catch((error) => {
        this.failed.add(key);
        this.onFailure(error);
      })
      .finally(() => {
        this.loading.delete(key);
        this.onArrival();
      });
  }

  private styled(tile: LoadedTile, isChip = this.isChip): CanvasImageSource | null {
    if (!tile.picture || tile.cards.length === 0) return tile.picture;
    const style = { isDark: this.isDark, isChip };
    if (tile.styled?.style.isDark !== style.isDark || tile.styled.style.isChip !== isChip) {
      tile.styled = { style, picture: styledTile(tile.picture, tile.cards, style) };
    }
    return tile.styled.picture;
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
    const shownNow = this.shown(tile);
    context.globalAlpha = opacity * share * shownNow.opacity;
    if (shownNow.picture) context.drawImage(shownNow.picture, rect.x, rect.y, rect.width, rect.height);
    context.globalAlpha = opacity;
  }

  private paintStandIn(context: CanvasRenderingContext2D, id: TileId, rect: RectPx): void {
    const ancestor = this.tiles.standIn(id);
    const alpha = context.globalAlpha;
    if (ancestor) {
      const { picture, opacity } = this.shown(ancestor.tile);
      context.globalAlpha = alpha * opacity;
      if (picture) paintPart(context, picture, TILE_PX, ancestor.u, ancestor.v, ancestor.span, rect);
    } else if (!this.paintChildren(context, id, rect) && this.preview) {
      const span = 1 / 2 ** id.z;
      if (this.sieve) context.globalAlpha = alpha * this.sieve.standIn;
      paintPart(context, this.preview, this.preview.width, id.tx * span, id.ty * span, span, rect);
    }
    context.globalAlpha = alpha;
  }

  private paintChildren(context: CanvasRenderingContext2D, { z, tx, ty }: TileId, rect: RectPx): boolean {
    let any = false;
    const alpha = context.globalAlpha;
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
      const { picture, opacity } = child ? this.shown(child) : { picture: null, opacity: 1 };
      context.globalAlpha = alpha * opacity;
      if (picture) context.drawImage(picture, rect.x + dx * width, rect.y + dy * height, width, height);
    }
    context.globalAlpha = alpha;
    return any;
  }

  private async read(id: TileId): Promise<LoadedTile> {
    const { pictures } = this.data.map.collage!;
    const hasCards = pictures === "cards" || pictures === "mixed";
    const [picture, cells] = await Promise.all([this.data.tilePicture(id), hasCards ? this.data.tileCells(id) : []]);
    const cards = picture ? readCards(picture, cells) : [];
    return { id, picture, cards, cells: hasCards ? cells : null, styled: null, sifted: null };
  }

  private load(id: TileId): void {
    const key = tileKey(id);
    if (this.loading.has(key) || this.failed.has(key) || this.loading.size >= MAX_LOADING) return;
    this.loading.add(key);
    this.read(id)
      .then((tile) => this.tiles.put(id, tile, tile.picture ? TILE_PX * TILE_PX * (tile.cards.length > 0 ? 8 : 4) : 64))
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

/** Draws a tile cell by cell, each as strongly as the filters leave it. */
function siftedTile(tile: CanvasImageSource, cells: readonly Cell[], level: number, sieve: CellStrength): CanvasImageSource {
  const canvas = new OffscreenCanvas(TILE_PX, TILE_PX);
  const context = canvas.getContext("2d");
  if (!context) return tile;
  for (const cell of cells) {
    const x = (cell.column % CELLS_PER_TILE) * CELL_PX;
    const y = (cell.row % CELLS_PER_TILE) * CELL_PX;
    context.globalAlpha = sieve.opacityOf(cell, level);
    context.drawImage(tile, x, y, CELL_PX, CELL_PX, x, y, CELL_PX, CELL_PX);
  }
  return canvas;
}

function paintPart(
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  sidePx: number,
  u: number,
  v: number,
  span: number,
  rect: RectPx,
): void {
  context.drawImage(picture, u * sidePx, v * sidePx, span * sidePx, span * sidePx, rect.x, rect.y, rect.width, rect.height);
}
