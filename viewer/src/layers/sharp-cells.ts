import { CELLS_PER_TILE, type Cell, TILE_PX } from "../bundle/cells";
import type { MapData } from "../bundle/map-data";
import type { Card } from "../bundle/model";
import { type Projection, visibleTiles } from "../state/camera";
import { CHIP_BELOW_PX, fillChip } from "./cards";
import type { CollageLayer } from "./collage";
import { hasClearCorners } from "./items";
import { paintTextCard, paintThumbnail } from "./painting";
import { gridRect } from "./rect";
import type { Tokens } from "./tokens";

/** Cells that are read and drawn before the next are asked for. */
const AT_ONCE = 96;

/**
 * Draws the cells of a level from the items' own pictures and texts, where a picture is to be sharper than the tiles are.
 *
 * Resolves when all are drawn; a cell whose item has neither keeps what its tile shows.
 */
export async function paintSharpCells(
  context: CanvasRenderingContext2D,
  data: MapData,
  collage: CollageLayer,
  projection: Projection,
  level: number,
  ratio: number,
  tokens: Tokens,
): Promise<void> {
  const opacity = context.globalAlpha;
  const cells = await visibleCells(data, projection, level);
  for (let first = 0; first < cells.length; first += AT_ONCE) {
    const some = cells.slice(first, first + AT_ONCE);
    const shown = await Promise.all(some.map((cell) => read(data, cell)));
    for (const [index, cell] of some.entries()) {
      const rect = gridRect(projection, CELLS_PER_TILE * 2 ** level, cell.column, cell.row, ratio);
      context.globalAlpha = opacity * (collage.sieve?.opacityOf(cell, level) ?? 1);
      const { picture, card } = shown[index]!;
      const tint = card && collage.tintNow(cell, level);
      if (tint && rect.width < CHIP_BELOW_PX) fillChip(context, rect, tint, tokens.isDark);
      else if (tint && card.text) paintTextCard(context, card.text, tint, rect, tokens);
      else if (picture) paintThumbnail(context, picture, hasClearCorners(picture), rect);
      else paintFromTile(context, collage, cell, level, rect);
    }
  }
  context.globalAlpha = opacity;
}

async function visibleCells(data: MapData, projection: Projection, level: number): Promise<Cell[]> {
  const { tx0, ty0, tx1, ty1 } = visibleTiles(projection, level);
  const { widthPx, heightPx } = projection.viewport;
  const reading: Promise<Cell[]>[] = [];
  for (let ty = ty0; ty <= ty1; ty++) for (let tx = tx0; tx <= tx1; tx++) reading.push(data.tileCells({ z: level, tx, ty }));
  return (await Promise.all(reading)).flat().filter(({ column, row }) => {
    const { x, y, width } = gridRect(projection, CELLS_PER_TILE * 2 ** level, column, row, 1);
    return x + width > 0 && y + width > 0 && x < widthPx && y < heightPx;
  });
}

async function read(data: MapData, cell: Cell): Promise<{ picture: ImageBitmap | null; card: Card | null }> {
  if (cell.isTextCard) return { picture: null, card: await data.items.card(cell.item) };
  return { picture: await data.items.pictureOf(cell.item), card: null };
}

function paintFromTile(
  context: CanvasRenderingContext2D,
  collage: CollageLayer,
  { column, row }: Cell,
  level: number,
  rect: { x: number; y: number; width: number; height: number },
): void {
  const id = { z: level, tx: Math.floor(column / CELLS_PER_TILE), ty: Math.floor(row / CELLS_PER_TILE) };
  const tile = collage.tileNow(id, rect.width);
  const side = TILE_PX / CELLS_PER_TILE;
  const from = [(column % CELLS_PER_TILE) * side, (row % CELLS_PER_TILE) * side] as const;
  if (tile) context.drawImage(tile, ...from, side, side, rect.x, rect.y, rect.width, rect.height);
}
