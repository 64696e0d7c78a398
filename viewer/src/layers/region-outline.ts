import { CELLS_PER_TILE } from "../bundle/cells";
import type { Projection } from "../state/camera";
import { CellWindow, joined, ringsOf, roundedPath, smoothPath } from "../state/cell-outline";
import type { RegionId } from "../state/hash";
import { someOfRegion, spacingOf } from "../state/outline";
import type { ItemsLayer } from "./items";
import { KeptCells } from "./kept-cells";
import { type RegionPlaces, readRegionPlaces, TiledRegionPlaces } from "./region-places";
import type { Sight } from "./sight";

/** Cells beyond the edges of the screen that are looked at, so that no line runs along them. */
const MARGIN_CELLS = 5;
/** A cell is a region's if such a share of its items is. */
const OWN_SHARE = 0.5;
/** Cells are joined over so many empty ones; their corners are rounded by a share of their width. */
const JOINED_REACH = 1;
const ROUND_SHARE = 0.2;
/** Points are looked at in cells as wide as most of them are apart, and no narrower or wider than this. */
const SPACINGS = 1.4;
const LEAST_CELL_PX = 7;
const LARGEST_CELL_PX = 40;
const MOST_COMPARED = 1_500;
const TOUCHING_SHARE = 0.8;
const SMOOTHING_ROUNDS = 3;
const NO_ROWS = new Uint32Array(0);

/** What is known of the rows of a region: how many lie in each cell of a level, and of how many. */
interface Counts {
  places: RegionPlaces;
  own: KeptCells;
  all: KeptCells;
  /** How far most of its rows are from the next one, in layout units. */
  spacing: number;
}

/** A line around a region: where pictures are drawn around the cells that show its items, and else around its points. */
export class RegionOutline {
  private id: RegionId | null = null;
  private tiled: TiledRegionPlaces | null = null;
  private places: RegionPlaces | null = null;
  private counts: Counts | null = null;
  private readonly ground: SVGPathElement;
  private readonly casing: SVGPathElement;
  private readonly rim: SVGPathElement;

  constructor(
    private readonly sight: Sight,
    private readonly items: ItemsLayer,
    private readonly element: SVGSVGElement,
  ) {
    [this.ground, this.casing, this.rim] = ["outline-ground", "outline-casing", "outline-rim"].map((name) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.classList.add(name);
      element.append(path);
      return path;
    }) as [SVGPathElement, SVGPathElement, SVGPathElement];
  }

  get isReading(): boolean {
    return this.tiled?.isReading ?? false;
  }

  paint(projection: Projection): void {
    const { outlined } = this.sight.wishes;
    if (outlined?.level !== this.id?.level || outlined?.region !== this.id?.region) this.turnTo(outlined);
    const places = this.tiled ? this.tiled.seen(projection) : this.places;
    if (places && places !== this.counts?.places) this.counts = countsOf(places, this.sight);
    const path = this.id && places && this.counts ? this.pathOf(this.counts, projection) : "";
    for (const one of [this.ground, this.casing, this.rim]) one.setAttribute("d", path);
    if (this.id && path) this.element.dataset.outlined = `${this.id.level}.${this.id.region}`;
    else delete this.element.dataset.outlined;
  }

  private turnTo(id: RegionId | null): void {
    const { data, refresh, fail } = this.sight;
    this.id = id;
    this.places = this.counts = this.tiled = null;
    if (!id) return;
    if (data.isTiled) this.tiled = new TiledRegionPlaces(data, id, refresh, fail);
    else {
      this.sight.reading(readRegionPlaces(data, id), (places) => {
        if (id === this.id) this.places = places;
      });
    }
  }

  private pathOf(counts: Counts, projection: Projection): string {
    const { collage, wishes, level } = this.sight;
    if (!collage || wishes.isDimmed) return this.aroundPoints(counts, projection);
    return this.items.isDrawing ? this.aroundItems(counts, projection) : this.aroundCells(counts, projection, level);
  }

  /** Around the items that are drawn one by one, each as large as it has grown. */
  private aroundItems({ own, all }: Counts, projection: Projection): string {
    const drawn = [...this.items.drawn()].map(({ leaf }) => leaf);
    const finest = Math.max(...drawn.map(({ level }) => level));
    const coarsest = Math.min(...drawn.map(({ level }) => level));
    const shares = drawn.map(({ level, cell }) => shareOf(own, all, level, cell.column, cell.row));
    const least = leastShare(shares);
    const window = windowAt(projection, finest);
    for (const [index, { level, cell }] of drawn.entries()) {
      const span = 2 ** (finest - level);
      window.mark(shares[index]! >= least ? window.isIn : window.isOther, cell.column * span, cell.row * span, span);
    }
    return this.rounded(window, projection, finest, JOINED_REACH * 2 ** (finest - coarsest));
  }

  private aroundCells({ own, all }: Counts, projection: Projection, level: number): string {
    const window = windowAt(projection, level);
    const shares = new Float32Array(window.isIn.length);
    eachCell(window, level, (column, row, at) => {
      const n = all.countIn(level, column, row);
      shares[at] = n === 0 ? -1 : own.countIn(level, column, row) / n;
    });
    const least = leastShare(shares);
    for (const [at, share] of shares.entries()) {
      if (share >= least) window.isIn[at] = 1;
      else if (share >= 0) window.isOther[at] = 1;
    }
    return this.rounded(window, projection, level, JOINED_REACH);
  }

  private rounded(window: CellWindow, projection: Projection, level: number, reach: number): string {
    const radiusPx = ROUND_SHARE * projection.cellPx(level) * (reach > JOINED_REACH ? 1.5 : 1);
    const rings = ringsOf(window, joined(window, reach));
    return rings.map((ring) => roundedPath(ring, toPx(projection, level), radiusPx)).join("");
  }

  /** Around the points, by how many lie in small cells and next to them. */
  private aroundPoints({ own, all, spacing }: Counts, projection: Projection): string {
    const widestPx = Math.min(LARGEST_CELL_PX, Math.max(LEAST_CELL_PX, SPACINGS * spacing * projection.pxPerUnit));
    const level = Math.max(0, Math.floor(Math.log2(projection.cellPx(0) / widestPx)));
    const window = windowAt(projection, level);
    const { nColumns, nRows } = window;
    const [inside, outside] = [new Float32Array(nColumns * nRows), new Float32Array(nColumns * nRows)];
    eachCell(window, level, (column, row, at) => {
      const n = all.countIn(level, column, row);
      if (n === 0) return;
      const nOwn = own.countIn(level, column, row);
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const near = at + dx + dy * nColumns;
          const weight = (2 - Math.abs(dx)) * (2 - Math.abs(dy));
          inside[near]! += weight * nOwn;
          outside[near]! += weight * (n - nOwn);
        }
      }
    });
    for (const [at, n] of inside.entries()) {
      if (n > outside[at]!) window.isIn[at] = 1;
      else if (outside[at]! > 0) window.isOther[at] = 1;
    }
    const rings = ringsOf(window, joined(window, JOINED_REACH));
    return rings.map((ring) => smoothPath(ring, toPx(projection, level), SMOOTHING_ROUNDS)).join("");
  }
}

function countsOf(places: RegionPlaces, sight: Sight): Counts {
  const { extent } = sight.data.map;
  const positions = { xy: places.xy, item: NO_ROWS, rowOf: NO_ROWS };
  const some = someOfRegion(places.isIn, 1, places.xy, MOST_COMPARED);
  const nOwn = places.isIn.reduce((sum, one) => sum + one, 0);
  return {
    places,
    own: new KeptCells(positions, extent, places.isIn),
    all: new KeptCells(positions, extent, new Uint8Array(places.isIn.length).fill(1)),
    spacing: spacingOf(some, TOUCHING_SHARE) * Math.sqrt(some.length / 2 / Math.max(1, nOwn)),
  };
}

function shareOf(own: KeptCells, all: KeptCells, level: number, column: number, row: number): number {
  return own.countIn(level, column, row) / Math.max(1, all.countIn(level, column, row));
}

/** The share from which on a cell is the region's; where none reaches a half of it, that of the cells with the most. */
function leastShare(shares: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < shares.length; at++) most = Math.max(most, shares[at]!);
  return Math.min(OWN_SHARE, most || 1);
}

/** The cells of a level that the screen shows, and some beyond. */
function windowAt(projection: Projection, level: number): CellWindow {
  const { extent, viewport } = projection;
  const side = extent.size / (CELLS_PER_TILE * 2 ** level);
  const low = projection.toLayout({ x: 0, y: 0 });
  const high = projection.toLayout({ x: viewport.widthPx, y: viewport.heightPx });
  const nAcross = CELLS_PER_TILE * 2 ** level;
  const first = (at: number, from: number) => Math.max(0, Math.floor((at - from) / side)) - MARGIN_CELLS;
  const last = (at: number, from: number) => Math.min(nAcross, Math.ceil((at - from) / side)) + MARGIN_CELLS;
  const [column0, row0] = [first(low.x, extent.x0), first(low.y, extent.y0)];
  const nColumns = Math.max(1, last(high.x, extent.x0) - column0);
  const nRows = Math.max(1, last(high.y, extent.y0) - row0);
  return new CellWindow(column0, row0, nColumns, nRows);
}

/** Tells of every cell of a window that lies on the map and not on the window's rim. */
function eachCell(window: CellWindow, level: number, tell: (column: number, row: number, at: number) => void): void {
  const nAcross = CELLS_PER_TILE * 2 ** level;
  for (let y = 1; y < window.nRows - 1; y++) {
    const row = window.row0 + y;
    if (row < 0 || row >= nAcross) continue;
    for (let x = 1; x < window.nColumns - 1; x++) {
      const column = window.column0 + x;
      if (column >= 0 && column < nAcross) tell(column, row, x + y * window.nColumns);
    }
  }
}

function toPx(projection: Projection, level: number): (column: number, row: number) => { x: number; y: number } {
  const { extent } = projection;
  const side = extent.size / (CELLS_PER_TILE * 2 ** level);
  return (column, row) => projection.toScreen(extent.x0 + column * side, extent.y0 + row * side);
}
