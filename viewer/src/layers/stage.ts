import { CELLS_PER_TILE, type Cell } from "../bundle/cells";
import { AtlasError } from "../bundle/errors";
import type { Corner } from "../bundle/inside";
import type { MapData } from "../bundle/map-data";
import type { MapLabel } from "../bundle/model";
import {
  type Camera,
  type Covered,
  cellAt,
  cellCenter,
  type PointPx,
  type Projection,
  type RectPx,
  showsAll,
} from "../state/camera";
import { type Bounds, cameraAround, cameraBeside } from "../state/fitting";
import { cameraText, type FidelityLayer, type LayerName } from "../state/hash";
import { collageLevel, itemZoom, maxZoom } from "../state/levels";
import { Navigator } from "../state/navigator";
import { nearCount } from "../state/trust";
import type { Tool } from "../state/view.svelte";
import { CollageLayer } from "./collage";
import { attachGestures, type Keys } from "./gestures";
import { ItemsLayer } from "./items";
import { CellStrength, type KeptCells } from "./kept-cells";
import { keptGround } from "./kept-ground";
import { KeptRegions } from "./kept-regions";
import { LabelsLayer } from "./labels";
import { LinesLayer } from "./lines";
import {
  isNearScreen,
  type Mark,
  paintFalse,
  paintFound,
  paintPointed,
  paintRanked,
  paintRanks,
  paintRings,
  paintSelection,
} from "./marks";
import { MAX_MORPHED, Morph } from "./morph";
import { paintPickedCells, paintPickedItems } from "./picked";
import { type Places, placesOf } from "./places";
import { type DrawnCount, PointsLayer } from "./points-layer";
import { Preview } from "./preview";
import { extentRect } from "./rect";
import { type Shape, ShapeLayer } from "./shape";
import { paintSharpCells } from "./sharp-cells";
import { composed } from "./snapshot";
import { TiledPoints } from "./tiled-points";
import { readTokens, type Tokens } from "./tokens";
import { WholePoints } from "./whole-points";

/** What the panels want to see on the map. */
export interface Wishes {
  layers: Record<LayerName, boolean>;
  fidelity: FidelityLayer;
  colorBy: string | null;
  /** 1 for each row that the filters keep; null while nothing is filtered. */
  kept: Uint8Array | null;
  /** 1 for each row that is selected; null while none is. */
  picked: Uint8Array | null;
  /** What a drag draws; null while it moves the map, unless Shift is held. */
  tool: Tool | null;
  selected: number | null;
  hovered: number | null;
  /** The item that is pointed at on the map beside this one. */
  pointed: number | null;
  found: Uint32Array;
  /** Items that are marked with their rank, from 1. */
  ranked: readonly number[];
  /** Items that are marked quietly, for there is more behind them. */
  ringed: readonly number[];
  isDimmed: boolean;
  /** What panels cover: what is flown to comes to rest in the middle of the rest. */
  covered: Covered;
}

/** What lies under the pointer: an item, and for how many it stands where a collage cell was hit. */
export interface Hit {
  item: number;
  cell: Cell | null;
  level: number;
}

export interface StageElements {
  root: HTMLElement;
  /** Is told where the camera is, and whether all is drawn. */
  page: HTMLElement;
  picture: HTMLCanvasElement;
  points: HTMLElement;
  marks: HTMLCanvasElement;
  lines: SVGSVGElement;
  labels: HTMLElement;
  /** What is being drawn to select. */
  shape: SVGSVGElement;
  /** What stands even over the names. */
  badges: HTMLCanvasElement;
  /** Whether the page around the map comes first: a wheel and a single finger scroll it. */
  isShared: () => boolean;
  /** Where panels lie over the map now. */
  panels: () => RectPx[];
}

export interface StageEvents {
  onHover(hit: Hit | null, point: PointPx | null): void;
  onChoose(hit: Hit | null): void;
  /** The map of an item is to be opened. */
  onEnter(item: number): void;
  /** The map was zoomed out of. */
  onLeave(): void;
  onCamera(camera: Camera): void;
  /** A shape was drawn, in layout units. */
  onShape(corners: Corner[], keys: Keys): void;
  /** An item, all items of a cell, or those of a region are to change sides. */
  onTurn(what: Hit | { level: number; region: number }): void;
  /** Empty ground was clicked twice. */
  onEmptyTwice(): void;
  /** A region's name was chosen. */
  onRegion(label: MapLabel): void;
  onFailure(error: AtlasError): void;
  /** A wheel or a finger was left to the page around the map. */
  onLeft(what: "wheel" | "finger"): void;
  onPointsLimit(reason: string): void;
  /** How many points are drawn of those that the screen shows; null while none are. */
  onDrawn(count: DrawnCount | null): void;
  /** The screen shows no item at all, or does again. */
  onEmpty(isEmpty: boolean): void;
}

const DIMMED_OPACITY = 0.32;
/** What is left of the ground while filters are on, where it cannot be told of which places. */
const FILTERED_SHARE = 0.25;
/** Zoom levels beyond the whole map from which items are drawn one by one. */
const ITEMS_BEYOND_FIT = 1.2;
/** Half of a frame's side, as a share of the cell that it goes around. */
const FRAME_SHARE = 0.485;
/** Width of a cell on the tiles, and how much larger than there it may be in a picture that is taken. */
const CELL_PX = 64;
const MOST_ENLARGED = 1.1;
const HOVER_REACH_PX = 14;
/** Zoom levels beyond the whole map from which one region is looked at. */
const REGION_BEYOND_FIT = 0.5;
const MAX_RINGS = 4_000;
/** On larger maps a hover alone is not worth reading where all items lie. */
const MAX_HOVER_LINES = 100_000;
const ZOOM_TO_POINT = 4;
/** Levels by which one must go on zooming at the limit before an item's map opens, or this one is left. */
const PUSH_IN = 0.5;
const PUSH_OUT = 2;
const PUSH_FORGOTTEN_MS = 700;
const NEAR_LIMIT = 0.15;

/** One map on the screen: the layers, the camera, and the loop that paints them when something has changed. */
export class Stage {
  readonly navigator: Navigator;
  private readonly picture: CanvasRenderingContext2D;
  private readonly marks: CanvasRenderingContext2D;
  private readonly badges: CanvasRenderingContext2D;
  private readonly collage: CollageLayer;
  private readonly items: ItemsLayer;
  private readonly points: PointsLayer;
  private readonly preview = new Preview();
  readonly places: Places;
  private readonly labels: LabelsLayer;
  private readonly lines: LinesLayer;
  private readonly shape: ShapeLayer;
  private readonly stopping: (() => void)[] = [];
  private ground: ImageBitmap | null = null;
  private terrain: ImageBitmap | null = null;
  private isTerrainAsked = false;
  private siftedBy: Uint8Array | null = null;
  private pickedBy: Uint8Array | null = null;
  /** What the filters, and the selection, are of the cells. */
  private kept: KeptCells | null = null;
  private picked: KeptCells | null = null;
  /** The ground with what the filters leave of it. */
  private faded: { by: KeptCells; picture: CanvasImageSource } | null = null;
  private pushed = { levels: 0, atMs: 0 };
  private neighbors: number[] = [];
  /** Of the chosen item: neighbors that are far on the map, and items near on the map that are none of its neighbors. */
  private torn: ReadonlySet<number> = new Set();
  private unlike: readonly number[] = [];
  private neighborsOf: number | null = null;
  private areOfChosen = false;
  private tokens: Tokens;
  private ratio = 1;
  /** How sharp the picture is that is being taken; null while none is. */
  private pictureRatio: number | null = null;
  private isSettled = false;
  private morphing: Morph | null = null;
  private frameRequest = 0;
  private nReading = 0;
  private hoverTurn = 0;
  private hasLabels = false;
  private isEnded = false;
  private reported = "";
  private saidEmpty = false;
  /** Where the camera was put to show the whole map. */
  private wholeView: Camera | null = null;

  constructor(
    private readonly data: MapData,
    private readonly elements: StageElements,
    private wishes: Wishes,
    private readonly events: StageEvents,
    camera?: Camera,
  ) {
    const { root } = elements;
    const viewport = { widthPx: root.clientWidth || 1, heightPx: root.clientHeight || 1 };
    this.navigator = new Navigator(data.map.extent, viewport, maxZoom(data.map.collage, data.map.opens.size > 0), camera);
    this.tokens = readTokens(root);
    this.picture = elements.picture.getContext("2d")!;
    this.marks = elements.marks.getContext("2d")!;
    this.badges = elements.badges.getContext("2d")!;
    const fail = (error: unknown) => this.fail(error);
    this.collage = new CollageLayer(data, this.refresh, fail);
    this.collage.isDark = this.tokens.isDark;
    this.items = new ItemsLayer(data, this.collage, this.refresh, fail);
    const tiles = data.isTiled ? new TiledPoints(data, this.refresh, fail) : null;
    this.places = placesOf(data, tiles);
    this.points = new PointsLayer(data, tiles ?? new WholePoints(data, this.refresh, fail), elements.points, {
      onChange: this.refresh,
      onFailure: fail,
      onLimit: events.onPointsLimit,
      onDrawn: events.onDrawn,
    });
    this.labels = new LabelsLayer(elements.labels, events.onRegion);
    elements.labels.classList.toggle("over-cards", ["cards", "mixed"].includes(data.map.collage?.pictures ?? ""));
    this.lines = new LinesLayer(elements.lines);
    this.shape = new ShapeLayer(elements.shape);
    this.attach();
    if (!camera) this.placeWhole();
    this.readFirst();
    this.refresh();
  }

  /** Asks for a frame. */
  readonly refresh = (): void => {
    if (this.frameRequest === 0 && !this.isEnded) this.frameRequest = requestAnimationFrame(this.paint);
  };

  show(wishes: Wishes): void {
    const before = this.wishes;
    const hasNewPanel =
      wishes.covered.leftPx !== before.covered.leftPx || wishes.colorBy !== before.colorBy || wishes.fidelity !== before.fidelity;
    this.wishes = wishes;
    if (hasNewPanel && this.showsWhole()) this.fit();
    this.refresh();
  }

  /** Flies to where the whole map is seen, beside the panels. */
  fit(): void {
    this.wholeView = this.findWhole();
    this.navigator.flyTo(this.wholeView);
    this.refresh();
  }

  /** Shows the whole map beside what panels lie over it now, if it is the whole map that is looked at. */
  refit(): void {
    if (this.showsWhole()) this.fit();
  }

  /** Glides to a camera that another map has set. */
  follow(camera: Camera): void {
    this.navigator.follow(camera);
    this.refresh();
  }

  /** Moves, without zooming, to the item nearest to the middle of the screen. */
  async findItems(): Promise<void> {
    const { navigator } = this;
    const item = await this.places.nearestTo(navigator.camera);
    const place = item === null ? undefined : this.places.of(item);
    if (!place || this.isEnded) return;
    navigator.flyTo(navigator.beside({ ...place, zoom: navigator.camera.zoom }, this.wishes.covered));
    this.refresh();
  }

  setTheme(): void {
    this.tokens = readTokens(this.elements.root);
    this.collage.isDark = this.tokens.isDark;
    this.refresh();
  }

  end(): void {
    this.isEnded = true;
    cancelAnimationFrame(this.frameRequest);
    for (const stop of this.stopping) stop();
    this.morphing?.end();
    this.points.end();
    this.labels.clear();
  }

  /** Flies to an item and comes near enough to see it by itself. */
  async visit(item: number): Promise<void> {
    const { navigator, data } = this;
    await this.places.read([item]);
    const level = data.map.collage ? await this.places.levelAlone(item, this.deepestLevel) : 0;
    const place = data.map.collage ? await this.places.cellOf(item, level) : this.places.of(item);
    if (!place || this.isEnded) return;
    const pointZoom = Math.max(navigator.fitZoom + ZOOM_TO_POINT, await this.places.zoomTo(item));
    const zoom = data.map.collage ? itemZoom(level) : pointZoom;
    navigator.flyTo(navigator.beside({ ...place, zoom }, this.wishes.covered));
    this.refresh();
  }

  /** Zooms around a place on the screen; going on at a limit opens the map of the item there, or leaves this one. */
  zoomBy(levels: number, anchor: PointPx = this.navigator.middle): void {
    const beyond = this.navigator.zoomBy(levels, anchor);
    if (beyond !== 0) this.pushBeyond(beyond, anchor);
    this.refresh();
  }

  /** Shows an item where it stood on another map, as near as it was there. */
  async meet(item: number, at: PointPx, beyondFit: number): Promise<void> {
    await this.places.read([item]);
    const place = this.places.of(item);
    if (!place || this.isEnded || beyondFit < ITEMS_BEYOND_FIT) return;
    const { navigator } = this;
    navigator.stop();
    navigator.place({ ...place, zoom: navigator.fitZoom + beyondFit });
    const { x, y } = navigator.projection.toScreen(place.x, place.y);
    navigator.panBy(at.x - x, at.y - y);
    this.refresh();
  }

  /** Lets the items fly here from where they were seen on another map. */
  async morph(from: MapData, was: Projection): Promise<void> {
    if (this.navigator.isCalm || this.data.map.nItems > MAX_MORPHED || from.map.nItems > MAX_MORPHED) return;
    const { root } = this.elements;
    root.dataset.arriving = "";
    this.nReading++;
    try {
      const [before, after] = await Promise.all([from.positions(), this.data.positions()]);
      const radiusPx = Math.max(1.5, this.radiusPx(this.navigator.projection));
      if (!this.isEnded) this.morphing = new Morph(root, before, was, after, { isDark: this.tokens.isDark, radiusPx });
    } catch (error) {
      delete root.dataset.arriving;
      this.fail(error);
    } finally {
      this.nReading--;
      this.refresh();
    }
  }

  /** Where an item is on the screen; undefined while that is unknown, or if this map does not show it. */
  screenOf(item: number): PointPx | undefined {
    const place = this.places.of(item);
    return place && this.navigator.projection.toScreen(place.x, place.y);
  }

  /** How many of the items that a hit stands for pass the filters; null while nothing is filtered. */
  keptAt(hit: Hit): number | null {
    return this.countAt(this.kept, this.wishes.kept, hit);
  }

  /** How many of the items that a hit stands for are selected; null while nothing is. */
  pickedAt(hit: Hit): number | null {
    return this.countAt(this.picked, this.wishes.picked, hit);
  }

  private countAt(cells: KeptCells | null, mask: Uint8Array | null, { item, cell, level }: Hit): number | null {
    if (!mask) return null;
    if (cell) return cells?.countIn(level, cell.column, cell.row) ?? null;
    return Number(this.places.keeps(item, mask));
  }

  /** The corners of what panels leave to see of the map, in layout units. */
  seenCorners(): Corner[] {
    const { covered } = this.wishes;
    const { viewport, projection } = this.navigator;
    const [left, right] = [covered.leftPx, viewport.widthPx - covered.rightPx];
    const bottom = viewport.heightPx - covered.bottomPx;
    return [
      { x: left, y: 0 },
      { x: right, y: 0 },
      { x: right, y: bottom },
      { x: left, y: bottom },
    ].map((corner) => projection.toLayout(corner));
  }

  /** Flies into a region, no nearer than that all of it is seen. */
  async visitRegion(level: number, region: number): Promise<void> {
    const { data } = this;
    const [labels, regions, box] = await Promise.all([data.labels(), data.regions(), data.boundsOfRegion(level, region)]);
    const label = labels.find((one) => one.level === level && one.region === region);
    const place = regions[level]?.[region];
    if (this.isEnded || !place) return;
    const { navigator } = this;
    const near = Math.min(
      navigator.maxZoom - 1,
      navigator.fitZoom + Math.max(2, (label?.maxZoom ?? 0) + 0.35 - navigator.fitZoom),
    );
    const whole = box && cameraAround(box, data.map.extent, navigator.viewport, this.wishes.covered);
    const camera = whole ? { ...whole, zoom: Math.min(near, whole.zoom) } : { x: place.x, y: place.y, zoom: near };
    navigator.flyTo(navigator.beside(camera, this.wishes.covered));
    this.refresh();
  }

  /** The region in the middle of what is seen, of the level whose names show; null while the whole map is seen, or over none. */
  async regionInMiddle(): Promise<{ level: number; region: number } | null> {
    const { camera, fitZoom } = this.navigator;
    if (camera.zoom < fitZoom + REGION_BEYOND_FIT) return null;
    const labels = await this.data.labels();
    const level = Math.max(-1, ...labels.filter(({ minZoom }) => minZoom <= camera.zoom).map((label) => label.level));
    const item = level < 0 ? null : await this.places.nearestTo(camera);
    const row = item === null ? null : await this.data.rowOf(item);
    const region = row === null ? null : await this.data.regionOfRow(row, level);
    return region === null ? null : { level, region };
  }

  /** Draws what the screen shows as one picture, `scale` times as sharp as a plain screen: every layer anew, nothing enlarged. */
  async takePicture(scale: number): Promise<HTMLCanvasElement> {
    this.pictureRatio = scale;
    this.resize();
    try {
      await this.settled();
      const { navigator, elements } = this;
      const { camera, projection } = navigator;
      const picture = await this.sharpPicture(projection, scale);
      navigator.stop();
      navigator.place(camera);
      this.paint(performance.now());
      const isShown = (canvas: HTMLCanvasElement) => canvas.style.visibility !== "hidden";
      const sheet = {
        picture,
        points: this.wishes.layers.points ? this.points.copy() : null,
        lines: elements.lines,
        marks: isShown(elements.marks) ? elements.marks : null,
        labels: elements.labels,
        badges: isShown(elements.badges) ? elements.badges : null,
      };
      return composed(sheet, navigator.viewport, scale, this.tokens);
    } finally {
      this.pictureRatio = null;
      this.resize();
    }
  }

  /** Resolves when all is drawn and nothing moves. */
  private async settled(): Promise<void> {
    this.isSettled = false;
    this.refresh();
    while (!this.isSettled && !this.isEnded) await new Promise((resolve) => setTimeout(resolve, 30));
  }

  /** The ground with the collage; its cells are drawn from the items themselves where the tiles would be enlarged. */
  private async sharpPicture(projection: Projection, scale: number): Promise<HTMLCanvasElement> {
    const { picture } = this.elements;
    const isEnough = projection.cellPx(this.level) * scale <= CELL_PX * MOST_ENLARGED;
    if (!this.data.map.collage || !this.wishes.layers.collage || this.items.isDrawing || isEnough) return picture;
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d")!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.imageSmoothingQuality = "high";
    this.paintBelow(context, projection);
    context.globalAlpha = this.wishes.isDimmed ? DIMMED_OPACITY : 1;
    await paintSharpCells(context, this.data, this.collage, projection, this.level, scale, this.tokens);
    return canvas;
  }

  get deepestLevel(): number {
    return (this.data.map.collage?.nLevels ?? 1) - 1;
  }

  private get level(): number {
    const { collage } = this.data.map;
    return collage ? collageLevel(collage, this.navigator.camera.zoom) : 0;
  }

  private attach(): void {
    const { root } = this.elements;
    this.stopping.push(
      attachGestures(root, this.navigator, {
        onMove: this.refresh,
        onHover: (point, target) => void this.hover(point, target),
        onTap: (point, target, keys) => void this.tap(point, target, keys),
        onDoubleTap: (point) => void this.doubleTap(point),
        onBeyond: (levels, point) => this.pushBeyond(levels, point),
        toolOf: ({ shift, control }) => this.wishes.tool ?? (shift ? (control ? "lasso" : "box") : null),
        onDraw: (shape) => this.shape.paint(shape),
        onDrawn: (shape, keys) => this.events.onShape(this.layoutOf(shape), keys),
        isShared: this.elements.isShared,
        onLeft: this.events.onLeft,
      }),
    );
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(root);
    this.stopping.push(() => observer.disconnect());
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const onCalm = () => {
      this.navigator.isCalm = calm.matches;
      this.items.isCalm = calm.matches;
      this.collage.fadeMs = calm.matches ? 0 : 150;
    };
    onCalm();
    calm.addEventListener("change", onCalm);
    this.stopping.push(() => calm.removeEventListener("change", onCalm));
    this.resize();
  }

  private resize(): void {
    const { root, picture, marks, badges } = this.elements;
    const showedWhole = this.showsWhole();
    const viewport = { widthPx: root.clientWidth || 1, heightPx: root.clientHeight || 1 };
    this.ratio = this.pictureRatio ?? Math.min(3, window.devicePixelRatio || 1);
    for (const canvas of [picture, marks, badges]) {
      canvas.width = Math.round(viewport.widthPx * this.ratio);
      canvas.height = Math.round(viewport.heightPx * this.ratio);
    }
    this.points.resize(viewport.widthPx, viewport.heightPx, this.ratio);
    this.navigator.resize(viewport);
    if (showedWhole) this.placeWhole();
    this.refresh();
  }

  /** Whether the camera rests where the whole map is seen. */
  showsWhole(): boolean {
    const { camera, projection } = this.navigator;
    if (!this.wholeView) return false;
    const { x, y, zoom } = this.wholeView;
    return Math.hypot(x - camera.x, y - camera.y) * projection.pxPerUnit < 1 && Math.abs(zoom - camera.zoom) < 1e-3;
  }

  private placeWhole(): void {
    this.wholeView = this.findWhole();
    this.navigator.stop(); // a flight to where the whole was seen before would end there
    this.navigator.place(this.wholeView);
  }

  private findWhole(): Camera {
    const { extent } = this.data.map;
    return cameraBeside(extent, this.navigator.viewport, this.elements.panels(), (zoom) => ({
      bounds: this.drawnBounds(zoom),
      names: this.wishes.layers.labels ? this.labels.boxesAt(zoom) : [],
    }));
  }

  /** What the drawn items take up at a zoom: whole cells, and for items that grow into their surroundings larger ones. */
  private drawnBounds(zoom: number): Bounds {
    const { collage, extent, bounds } = this.data.map;
    if (!collage || !this.wishes.layers.collage) return bounds;
    const level = collageLevel(collage, zoom);
    const drawn = level === this.deepestLevel ? Math.max(0, level - 1) : level;
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

  private readFirst(): void {
    const { map } = this.data;
    if (map.preview && map.collage)
      this.reading(this.data.wholePicture(map.preview), (picture) => (this.collage.preview = picture));
    else if (map.preview && this.data.isTiled && this.wishes.layers.points)
      this.reading(this.data.wholePicture(map.preview), (picture) => (this.preview.picture = picture));
    if (map.ground) this.reading(this.data.wholePicture(map.ground), (picture) => (this.ground = picture));
    this.reading(this.data.labels(), (labels) => {
      this.labels.set(labels);
      this.hasLabels = true;
      if (this.showsWhole()) this.placeWhole();
    });
  }

  private reading<T>(work: Promise<T>, then: (value: T) => void): void {
    this.nReading++;
    work
      .then((value) => !this.isEnded && then(value))
      .catch((error) => this.fail(error))
      .finally(() => {
        this.nReading--;
        this.refresh();
      });
  }

  private fail(error: unknown): void {
    if (this.isEnded) return;
    const told =
      error instanceof AtlasError
        ? error
        : new AtlasError(`A part of the map could not be read: ${String(error)}.`, "Reload the page.");
    this.events.onFailure(told);
  }

  private readonly paint = (nowMs: number): void => {
    this.frameRequest = 0;
    this.sift();
    const isFlying = this.navigator.step(nowMs);
    const isMoving = this.morphs(nowMs) || isFlying;
    const { projection } = this.navigator;
    const isPictureDone = this.paintPicture(projection, nowMs, isMoving);
    this.paintPoints(projection, nowMs);
    this.paintMarks(projection);
    this.labels.picturePx = this.data.map.collage && this.wishes.layers.collage ? projection.cellPx(this.level) : 0;
    if (this.wishes.layers.labels && this.hasLabels) this.labels.paint(projection, (box) => this.items.coversLarge(box));
    else this.labels.clear();
    if (isMoving) this.refresh();
    this.sayWhetherEmpty(projection, isMoving);
    this.report(isMoving || !isPictureDone || this.isLoading);
  };

  /** Paints items that come from another map; what they make way for appears when they are there. */
  private morphs(nowMs: number): boolean {
    if (!this.morphing) return false;
    if (this.morphing.paint(this.navigator.projection, nowMs, this.ratio)) return true;
    this.morphing.end();
    this.morphing = null;
    delete this.elements.root.dataset.arriving;
    return false;
  }

  /** Hands what the filters leave to the layers, when that has changed. */
  private sift(): void {
    const { kept, picked } = this.wishes;
    if (kept === this.siftedBy && picked === this.pickedBy) return;
    // Points are sifted by rows; only cells need to know where all items lie.
    const needsPlaces = this.data.map.collage !== null || !this.data.isTiled;
    if (needsPlaces && (kept || picked) && !this.places.areKnown) {
      this.reading(this.places.readAll(), () => {});
      return;
    }
    if (kept !== this.siftedBy) {
      this.kept = kept && this.places.sieve(kept);
      const regions = kept && needsPlaces ? new KeptRegions(this.data, kept, this.refresh) : null;
      this.labels.isGone = ({ level, region }) => regions?.isGone(level, region) ?? false;
    }
    if (picked !== this.pickedBy) this.picked = picked && this.places.sieve(picked);
    this.siftedBy = kept;
    this.pickedBy = picked;
    this.collage.sieve = this.items.sieve = this.kept || this.picked ? new CellStrength(this.kept, this.picked) : null;
  }

  private layoutOf(shape: Shape): Corner[] {
    const { projection } = this.navigator;
    return shape.corners.map((corner) => projection.toLayout(corner));
  }

  private get isLoading(): boolean {
    return this.nReading > 0 || this.points.isLoading || this.items.isLoading || this.data.pending > 0;
  }

  /** The ground shapes the whole map; nearer, it would only tint the pictures. */
  private groundShare(projection: Projection): number {
    const beyondFit = Math.max(0, projection.camera.zoom - this.navigator.fitZoom);
    return Math.max(0.4, 1 - 0.17 * beyondFit);
  }

  private groundNow(ground: ImageBitmap): CanvasImageSource {
    if (!this.kept) return ground;
    if (this.faded?.by !== this.kept) this.faded = { by: this.kept, picture: keptGround(ground, this.kept) };
    return this.faded.picture;
  }

  /** Near enough, items are drawn one by one. */
  private get drawsItems(): boolean {
    return this.level === this.deepestLevel || this.navigator.camera.zoom > this.navigator.fitZoom + ITEMS_BEYOND_FIT;
  }

  /** Paints ground and collage; returns whether nothing of them is still to come. */
  private paintPicture(projection: Projection, nowMs: number, isMoving: boolean): boolean {
    const { picture: context, ratio, tokens, wishes } = this;
    const { collage } = this.data.map;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, projection.viewport.widthPx, projection.viewport.heightPx);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = isMoving ? "low" : "high";
    this.paintBelow(context, projection);
    if (wishes.layers.points && this.preview.paint(context, projection, this.points.isComplete, nowMs)) this.refresh();
    if (!collage || !wishes.layers.collage) return true;
    context.globalAlpha = wishes.isDimmed ? DIMMED_OPACITY : 1;
    const level = this.level;
    const items = this.drawsItems ? this.items.paint(context, projection, level, nowMs, ratio, tokens) : null;
    if (items) {
      context.globalAlpha = 1;
      if (items.isMoving) this.refresh();
      return !items.isMoving && !this.items.isLoading && !this.collage.isLoading;
    }
    this.items.rest();
    const frame = this.collage.paint(context, projection, level, nowMs, ratio);
    context.globalAlpha = 1;
    if (frame.isFading) this.refresh();
    return frame.isComplete;
  }

  /** Paints what lies under the collage. */
  private paintBelow(context: CanvasRenderingContext2D, projection: Projection): void {
    if (this.wishes.layers.ground && this.ground) {
      const { x, y, width, height } = extentRect(projection, this.data.map.extent);
      const isUnread = this.wishes.kept !== null && !this.kept;
      context.globalAlpha = this.tokens.groundOpacity * this.groundShare(projection) * (isUnread ? FILTERED_SHARE : 1);
      context.drawImage(this.groundNow(this.ground), x, y, width, height);
    }
    this.paintTerrain(context, projection);
  }

  /** The relief is asked for when it is first wanted. */
  private paintTerrain(context: CanvasRenderingContext2D, projection: Projection): void {
    const { terrain, extent } = this.data.map;
    if (!terrain || !this.wishes.layers.terrain) return;
    if (!this.isTerrainAsked) {
      this.isTerrainAsked = true;
      this.reading(this.data.wholePicture(terrain), (picture) => (this.terrain = picture));
    }
    if (!this.terrain) return;
    const { x, y, width, height } = extentRect(projection, extent);
    context.globalAlpha = this.tokens.terrainOpacity;
    context.drawImage(this.terrain, x, y, width, height);
    context.globalAlpha = 1;
  }

  private sayWhetherEmpty(projection: Projection, isMoving: boolean): void {
    if (isMoving && !this.saidEmpty) return;
    const isEmpty = this.isEmpty(projection);
    if (isEmpty === this.saidEmpty) return;
    this.saidEmpty = isEmpty;
    this.events.onEmpty(isEmpty);
  }

  private isEmpty(projection: Projection): boolean {
    const { layers } = this.wishes;
    if (showsAll(projection)) return false;
    if (this.data.map.collage && layers.collage) return this.items.areNone(projection, this.level);
    return layers.points && !this.places.areOnScreen(projection, this.radiusPx(projection));
  }

  private paintPoints(projection: Projection, nowMs: number): void {
    const { layers, fidelity, colorBy, kept, picked } = this.wishes;
    const meaning = { fidelity, colorBy, kept, picked, isDark: this.tokens.isDark };
    if (!layers.points) this.points.clear();
    else this.points.paint(projection, this.beyondFit(projection), meaning, nowMs);
  }

  private beyondFit(projection: Projection): number {
    return projection.camera.zoom - this.navigator.fitZoom;
  }

  private radiusPx(projection: Projection): number {
    return this.points.radiusPx(this.beyondFit(projection));
  }

  private paintMarks(projection: Projection): void {
    const { marks: context, wishes, ratio, tokens } = this;
    for (const canvas of [context, this.badges]) {
      canvas.setTransform(ratio, 0, 0, ratio, 0, 0);
      canvas.clearRect(0, 0, projection.viewport.widthPx, projection.viewport.heightPx);
    }
    const hovers = wishes.hovered !== null && this.data.map.nItems <= MAX_HOVER_LINES;
    const marked = this.markedItems(hovers);
    const needsPlaces = marked.length > 0 || this.picked !== null;
    // Chromium without a GPU may go on showing the last marks of a canvas that was only cleared.
    this.elements.marks.style.visibility = needsPlaces ? "visible" : "hidden";
    this.elements.badges.style.visibility = wishes.ranked.length > 0 ? "visible" : "hidden";
    if (needsPlaces && !this.places.know(marked)) {
      this.reading(this.places.read(marked), () => {});
      return;
    }
    this.paintPicked(context, projection);
    const found = this.marksOf(wishes.found.subarray(0, MAX_RINGS), projection).filter((mark) => isNearScreen(projection, mark));
    paintRings(
      context,
      this.marksOf(wishes.ringed, projection).filter((mark) => isNearScreen(projection, mark)),
      tokens,
    );
    paintFound(context, found, tokens);
    const ranked = wishes.ranked.flatMap((item, rank) =>
      this.marksOf([item], projection).map((mark) => ({ ...mark, rank: rank + 1 })),
    );
    paintRanked(context, ranked, tokens);
    paintRanks(this.badges, ranked, tokens);
    this.paintChosen(context, projection);
  }

  /** All items that have a mark on the map. */
  private markedItems(hovers: boolean): number[] {
    const { selected, hovered, pointed, found, ranked, ringed } = this.wishes;
    const center = selected ?? (hovers ? hovered : null);
    const ends = center === null || center !== this.neighborsOf ? [] : [...this.neighbors, ...this.unlike];
    const beside = pointed === null ? [] : [pointed];
    return [...(center === null ? [] : [center, ...ends]), ...beside, ...ranked, ...ringed, ...found.subarray(0, MAX_RINGS)];
  }

  /** What is selected of the collage has an outline; points tell it by their strength. */
  private paintPicked(context: CanvasRenderingContext2D, projection: Projection): void {
    const { picked, tokens, wishes } = this;
    if (!picked || !this.data.map.collage || !wishes.layers.collage || wishes.isDimmed) return;
    if (this.items.isDrawing) paintPickedItems(context, this.items.drawn(), picked, tokens);
    else paintPickedCells(context, projection, this.level, picked, tokens);
  }

  /** The chosen item has a frame; an item under the pointer shows its neighbors while none is chosen. */
  private paintChosen(context: CanvasRenderingContext2D, projection: Projection): void {
    const { selected, hovered, pointed, layers } = this.wishes;
    const center = selected ?? hovered;
    const [mark] = center === null ? [] : this.marksOf([center], projection);
    if (center !== this.neighborsOf || (selected !== null) !== this.areOfChosen) this.readNeighbors(center);
    const isElsewhere = (end: Mark) => end.x !== mark?.x || end.y !== mark?.y;
    const endsOf = (items: readonly number[]) => this.marksOf(items, projection).filter(isElsewhere);
    const [near, far] = [this.neighbors.filter((one) => !this.torn.has(one)), this.neighbors.filter((one) => this.torn.has(one))];
    this.lines.paint(mark ?? null, mark && layers.lines ? endsOf(near) : [], mark && layers.lines ? endsOf(far) : []);
    if (mark && layers.lines) paintFalse(context, endsOf(this.unlike), this.tokens);
    if (mark && selected !== null) paintSelection(context, mark, this.tokens);
    const [pointedMark] = pointed === null || pointed === selected ? [] : this.marksOf([pointed], projection);
    if (pointedMark) paintPointed(context, pointedMark, this.tokens);
  }

  private readNeighbors(item: number | null): void {
    this.neighborsOf = item;
    this.areOfChosen = this.wishes.selected !== null;
    this.neighbors = [];
    this.torn = new Set();
    this.unlike = [];
    if (item === null) return;
    const trustK = this.data.map.fidelity?.trustK ?? 0;
    const around = this.areOfChosen ? this.places.around(item, nearCount(trustK, this.data.map.nItems)) : Promise.resolve([]);
    this.reading(Promise.all([this.data.neighborsOf(item), around]), ([found, near]) => {
      if (this.neighborsOf !== item) return;
      this.neighbors = found?.items ?? [];
      if (near.length === 0) return;
      this.torn = new Set(this.neighbors.filter((one) => !near.includes(one)));
      this.unlike = near.slice(0, trustK).filter((one) => !this.neighbors.includes(one));
    });
  }

  /** Where items stand now: in the middle of their cells while the collage shows, at their own place otherwise. */
  private marksOf(items: ArrayLike<number>, projection: Projection): Mark[] {
    const { collage, extent } = this.data.map;
    const onCollage = collage !== null && this.wishes.layers.collage && !this.wishes.isDimmed;
    const radiusPx = onCollage ? projection.cellPx(this.level) * FRAME_SHARE : 3 + 1.4 * this.radiusPx(projection);
    const seen = new Set<string>();
    const marks: Mark[] = [];
    for (let index = 0; index < items.length; index++) {
      const rect = onCollage ? this.items.rectOf(items[index]!) : undefined;
      let place = this.places.of(items[index]!);
      if (rect) {
        marks.push({
          x: rect.x + rect.width / 2,
          y: rect.y + rect.height / 2,
          radiusPx: rect.width * FRAME_SHARE,
          isSquare: true,
        });
      } else if (place) {
        if (onCollage) {
          const { column, row } = cellAt(extent, this.level, place.x, place.y);
          if (seen.has(`${column}/${row}`)) continue;
          seen.add(`${column}/${row}`);
          place = cellCenter(extent, this.level, column, row);
        }
        marks.push({ ...projection.toScreen(place.x, place.y), radiusPx, isSquare: onCollage });
      }
    }
    return marks;
  }

  private async hover(point: PointPx | null, target: Element | null): Promise<void> {
    const turn = ++this.hoverTurn;
    const isOverLabel = target ? this.labels.labelOf(target) !== undefined : false;
    const hit = point && !isOverLabel ? await this.hitAt(point) : null;
    const isOvertaken = turn !== this.hoverTurn;
    if (!this.isEnded && !isOvertaken) this.events.onHover(hit, point);
  }

  private async tap(point: PointPx, target: Element, { shift, control }: Keys): Promise<void> {
    const label = this.labels.labelOf(target);
    const turns = shift || control;
    if (label) {
      if (turns) this.events.onTurn(label);
      else this.events.onRegion(label);
      return;
    }
    const hit = await this.hitAt(point);
    if (this.isEnded) return;
    if (!turns) this.events.onChoose(hit);
    else if (hit) this.events.onTurn(hit);
  }

  /** Opens the map of the item there, or zooms in where it has none; beside all items, a selection goes. */
  private async doubleTap(point: PointPx): Promise<void> {
    const asks = this.data.map.opens.size > 0 || this.wishes.picked !== null;
    const hit = asks ? await this.hitAt(point) : null;
    if (this.isEnded) return;
    if (!hit && this.wishes.picked) this.events.onEmptyTwice();
    else if (hit && this.data.map.opens.has(hit.item)) this.events.onEnter(hit.item);
    else this.zoomBy(1, point);
  }

  private pushBeyond(levels: number, point: PointPx): void {
    const { navigator, pushed } = this;
    const now = performance.now();
    const goesOn = now - pushed.atMs < PUSH_FORGOTTEN_MS && Math.sign(levels) === Math.sign(pushed.levels);
    this.pushed = { levels: (goesOn ? pushed.levels : 0) + levels, atMs: now };
    const { zoom } = navigator.camera;
    if (this.pushed.levels > PUSH_IN && zoom > navigator.maxZoom - NEAR_LIMIT) void this.enterAt(point);
    else if (this.pushed.levels < -PUSH_OUT && zoom < navigator.minZoom + NEAR_LIMIT) {
      this.pushed = { levels: 0, atMs: 0 };
      this.events.onLeave();
    }
  }

  private async enterAt(point: PointPx): Promise<void> {
    this.pushed = { levels: 0, atMs: 0 };
    const hit = this.data.map.opens.size > 0 ? await this.hitAt(point) : null;
    if (hit && !this.isEnded && this.data.map.opens.has(hit.item)) this.events.onEnter(hit.item);
  }

  private async hitAt(point: PointPx): Promise<Hit | null> {
    const { collage } = this.data.map;
    const { projection } = this.navigator;
    try {
      const { layers, kept } = this.wishes;
      const onPoints = layers.points ? await this.places.near(projection, point, HOVER_REACH_PX, kept) : null;
      if (onPoints !== null) return { item: onPoints, cell: null, level: this.deepestLevel };
      return collage && this.wishes.layers.collage ? await this.cellUnder(projection, point) : null;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  private async cellUnder(projection: Projection, point: PointPx): Promise<Hit | null> {
    const { extent } = this.data.map;
    const { x, y } = projection.toLayout(point);
    if (x < extent.x0 || y < extent.y0 || x >= extent.x0 + extent.size || y >= extent.y0 + extent.size) return null;
    const level = this.level;
    if (this.items.isDrawing) {
      const leaf = this.items.hit(point);
      return leaf && { item: leaf.cell.item, cell: leaf.cell, level: leaf.level };
    }
    const { column, row } = cellAt(extent, level, x, y);
    const id = { z: level, tx: Math.floor(column / CELLS_PER_TILE), ty: Math.floor(row / CELLS_PER_TILE) };
    const cells = await this.data.tileCells(id);
    const cell = cells.find((one) => one.column === column && one.row === row);
    return cell ? { item: cell.item, cell, level } : null;
  }

  /** Flies into a region, to where the names of its parts appear. */
  enter(label: MapLabel): void {
    const { navigator } = this;
    const beyond = Math.min(label.maxZoom + 0.35, navigator.camera.zoom + 3, navigator.maxZoom - 1);
    const zoom = Math.max(beyond, navigator.camera.zoom + 1);
    navigator.flyTo(navigator.beside({ x: label.x, y: label.y, zoom }, this.wishes.covered));
    this.refresh();
  }

  /** Says on the page itself where the camera is and whether all is drawn. */
  private report(isBusy: boolean): void {
    const { camera } = this.navigator;
    const data = this.elements.page.dataset;
    this.isSettled = !isBusy;
    const state = isBusy ? "busy" : "ready";
    if (data.vista !== state) data.vista = state;
    const text = cameraText(camera);
    if (text !== this.reported) {
      this.reported = text;
      data.camera = text;
      this.events.onCamera(camera);
    }
    // What loads tells when it has come, but for the last request, which ends after its part has been drawn.
    if (isBusy && this.isLoading) setTimeout(this.refresh, 60);
  }
}
