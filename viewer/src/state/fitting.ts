import { TILE_PX } from "../bundle/cells";
import type { Extent } from "../bundle/model";
import { type Bounds, type Camera, type Covered, fitCamera, Projection, type RectPx, type Viewport } from "./camera";
import { overlap } from "./name-places";

/** A name on the map: its middle in layout units, its size in pixels at any zoom. */
export interface NameBox {
  x: number;
  y: number;
  widthPx: number;
  heightPx: number;
}

/** What is to be seen at a zoom. */
export interface Contents {
  bounds: Bounds;
  names: readonly NameBox[];
}

const MARGIN_PX = 10;
const ZOOM_STEP = 0.03;
const LOWEST_ZOOM = -3;

/**
 * The nearest camera from which everything is seen beside the panels.
 *
 * Of the rectangles that the panels leave free it takes the one in which the most room is left.
 */
export function cameraBeside(
  extent: Extent,
  viewport: Viewport,
  panels: readonly RectPx[],
  contentsAt: (zoom: number) => Contents,
): Camera {
  const rooms = freeRooms(viewport, panels);
  const highest = Math.log2(Math.max(viewport.widthPx, viewport.heightPx) / 512) + 1;
  for (let zoom = highest; zoom > LOWEST_ZOOM; zoom -= ZOOM_STEP) {
    const needed = neededBox(extent, viewport, contentsAt(zoom), zoom);
    const room = roomiest(rooms, needed);
    if (room) return centered(extent, viewport, needed, room, zoom);
  }
  return fitCamera(extent, viewport);
}

/** The rectangles that touch no panel and cannot grow, within the margin of the screen. */
export function freeRooms({ widthPx, heightPx }: Viewport, panels: readonly RectPx[]): RectPx[] {
  const grown = panels.map(({ x, y, width, height }) => ({
    x: x - MARGIN_PX,
    y: y - MARGIN_PX,
    width: width + 2 * MARGIN_PX,
    height: height + 2 * MARGIN_PX,
  }));
  const rooms: RectPx[] = [];
  for (const x0 of [MARGIN_PX, ...grown.map((panel) => panel.x + panel.width)]) {
    for (const x1 of [widthPx - MARGIN_PX, ...grown.map((panel) => panel.x)]) {
      for (const y0 of [MARGIN_PX, ...grown.map((panel) => panel.y + panel.height)]) {
        for (const y1 of [heightPx - MARGIN_PX, ...grown.map((panel) => panel.y)]) {
          const room = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
          if (x1 > x0 && y1 > y0 && !grown.some((panel) => overlap(panel, room))) rooms.push(room);
        }
      }
    }
  }
  const isWithinAnother = (one: RectPx) => rooms.some((other) => other !== one && contains(other, one) && !contains(one, other));
  return rooms.filter((room) => !isWithinAnother(room));
}

/** The box on the screen of everything that is to be seen, under a camera over the middle of the extent. */
function neededBox(extent: Extent, viewport: Viewport, { bounds, names }: Contents, zoom: number): Bounds {
  const projection = new Projection(extent, viewport, overMiddle(extent, zoom));
  const low = projection.toScreen(bounds.x0, bounds.y0);
  const high = projection.toScreen(bounds.x1, bounds.y1);
  const box = { x0: low.x, y0: low.y, x1: high.x, y1: high.y };
  for (const { x, y, widthPx, heightPx } of names) {
    const at = projection.toScreen(x, y);
    box.x0 = Math.min(box.x0, at.x - widthPx / 2);
    box.x1 = Math.max(box.x1, at.x + widthPx / 2);
    box.y0 = Math.min(box.y0, at.y - heightPx / 2);
    box.y1 = Math.max(box.y1, at.y + heightPx / 2);
  }
  return box;
}

function roomiest(rooms: readonly RectPx[], { x0, y0, x1, y1 }: Bounds): RectPx | null {
  let best: RectPx | null = null;
  for (const room of rooms) {
    if (room.width < x1 - x0 || room.height < y1 - y0) continue;
    if (!best || room.width * room.height > best.width * best.height) best = room;
  }
  return best;
}

function centered(extent: Extent, viewport: Viewport, box: Bounds, room: RectPx, zoom: number): Camera {
  const { x, y } = overMiddle(extent, zoom);
  const scale = new Projection(extent, viewport, { x, y, zoom }).pxPerUnit;
  const dx = (box.x0 + box.x1) / 2 - (room.x + room.width / 2);
  const dy = (box.y0 + box.y1) / 2 - (room.y + room.height / 2);
  return { x: x + dx / scale, y: y + dy / scale, zoom };
}

function overMiddle({ x0, y0, size }: Extent, zoom: number): Camera {
  return { x: x0 + size / 2, y: y0 + size / 2, zoom };
}

function contains(outer: RectPx, inner: RectPx): boolean {
  const isInX = outer.x <= inner.x && outer.x + outer.width >= inner.x + inner.width;
  return isInX && outer.y <= inner.y && outer.y + outer.height >= inner.y + inner.height;
}

/** The smallest box around some places; null around none. */
export function boundsAround(places: Iterable<{ x: number; y: number }>): Bounds | null {
  const box = { x0: Number.POSITIVE_INFINITY, y0: Number.POSITIVE_INFINITY, x1: -Infinity, y1: -Infinity };
  for (const { x, y } of places) {
    box.x0 = Math.min(box.x0, x);
    box.x1 = Math.max(box.x1, x);
    box.y0 = Math.min(box.y0, y);
    box.y1 = Math.max(box.y1, y);
  }
  return box.x1 < box.x0 ? null : box;
}

/** A cell beyond the places of items, on each side, so that their pictures are seen whole. */
const AROUND_PX = 56;

/** The camera that shows all of a box of the layout in what panels leave free; it stands in the middle of the box. */
export function cameraAround(box: Bounds, extent: Extent, viewport: Viewport, covered: Covered): Camera {
  const room = (px: number) => Math.max(1, px - 2 * AROUND_PX);
  const across = room(viewport.widthPx - covered.leftPx - covered.rightPx) / Math.max(box.x1 - box.x0, 1e-9 * extent.size);
  const down = room(viewport.heightPx - covered.bottomPx) / Math.max(box.y1 - box.y0, 1e-9 * extent.size);
  const zoom = Math.log2((Math.min(across, down) * extent.size) / TILE_PX);
  return { x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2, zoom };
}
