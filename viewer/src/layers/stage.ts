import type { AtlasError } from "../bundle/errors";
import type { Corner } from "../bundle/inside";
import type { MapData } from "../bundle/map-data";
import type { MapLabel } from "../bundle/model";
import { type Camera, type PointPx, type Projection, type RectPx, showsAll } from "../state/camera";
import { cameraText, type RegionId } from "../state/hash";
import type { Navigator } from "../state/navigator";
import { pathTo } from "../state/region-names";
import { Flights } from "./flights";
import { attachGestures, type Keys } from "./gestures";
import { ItemMarks } from "./item-marks";
import { LabelsLayer } from "./labels";
import { MAX_MORPHED, Morph } from "./morph";
import { PictureLayer } from "./picture-layer";
import type { Places } from "./places";
import { Pointing, type PointingEvents } from "./pointing";
import { type DrawnCount, PointsLayer } from "./points-layer";
import { RegionOutline } from "./region-outline";
import { type Shape, ShapeLayer } from "./shape";
import { Sifting } from "./sifting";
import { Sight } from "./sight";
import { composed } from "./snapshot";
import { readTokens } from "./tokens";
import { type KeptBy, Unseen } from "./unseen";
import { WholePoints } from "./whole-points";
import { WholeView } from "./whole-view";
import type { Hit, Wishes } from "./wishes";

export interface StageElements {
  root: HTMLElement;
  /** Is told where the camera is, and whether all is drawn. */
  page: HTMLElement;
  picture: HTMLCanvasElement;
  points: HTMLElement;
  marks: HTMLCanvasElement;
  /** A line around a region. */
  outline: SVGSVGElement;
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

export interface StageEvents extends PointingEvents {
  onCamera(camera: Camera): void;
  /** A shape was drawn, in layout units. */
  onShape(corners: Corner[], keys: Keys): void;
  onFailure(error: AtlasError): void;
  /** A wheel or a finger was left to the page around the map. */
  onLeft(what: "wheel" | "finger"): void;
  onPointsLimit(reason: string): void;
  /** How many points are drawn of those that the screen shows; null while none are. */
  onDrawn(count: DrawnCount | null): void;
  /** The screen shows no item at all, or does again. */
  onEmpty(isEmpty: boolean): void;
  /** What the filters keep, the search found or is selected lies out of view, or does no more. */
  onUnseen(unseen: ReadonlySet<KeptBy>): void;
}

/** Zoom levels beyond the whole map from which one region is looked at. */
const REGION_BEYOND_FIT = 0.5;

/** One map on the screen: its layers, its camera, and the loop that paints them when something has changed. */
export class Stage {
  readonly navigator: Navigator;
  readonly places: Places;
  private readonly sight: Sight;
  private readonly picture: PictureLayer;
  private readonly points: PointsLayer;
  private readonly marks: ItemMarks;
  private readonly outline: RegionOutline;
  private readonly labels: LabelsLayer;
  private readonly shape: ShapeLayer;
  private readonly sifting: Sifting;
  private readonly whole: WholeView;
  private readonly flights: Flights;
  private readonly unseen: Unseen;
  private readonly pointing: Pointing;
  private readonly stopping: (() => void)[] = [];
  private ratio = 1;
  /** How sharp the picture is that is being taken; null while none is. */
  private pictureRatio: number | null = null;
  private isSettled = false;
  private morphing: Morph | null = null;
  private frameRequest = 0;
  private hasLabels = false;
  private reported = "";
  private saidEmpty = false;

  constructor(
    private readonly data: MapData,
    private readonly elements: StageElements,
    wishes: Wishes,
    private readonly events: StageEvents,
    camera?: Camera,
  ) {
    const sight = new Sight(data, elements.root, wishes, this.refresh, events.onFailure, camera);
    this.sight = sight;
    this.navigator = sight.navigator;
    this.places = sight.places;
    this.picture = new PictureLayer(sight, elements.picture);
    this.points = new PointsLayer(data, sight.tiles ?? new WholePoints(data, this.refresh, sight.fail), elements.points, {
      onChange: this.refresh,
      onFailure: sight.fail,
      onLimit: events.onPointsLimit,
      onDrawn: events.onDrawn,
    });
    this.marks = new ItemMarks(sight, elements, this.picture.items, () => this.radiusPx());
    this.outline = new RegionOutline(sight, this.picture.items, elements.outline);
    this.labels = new LabelsLayer(elements.labels, data.map, events.onRegion);
    this.labels.nameFirst(wishes.namedFirst);
    elements.labels.classList.toggle("over-cards", ["cards", "mixed"].includes(data.map.collage?.pictures ?? ""));
    this.shape = new ShapeLayer(elements.shape);
    this.sifting = new Sifting(sight);
    this.whole = new WholeView(sight, this.labels, elements.panels);
    this.flights = new Flights(sight, this.labels);
    this.unseen = new Unseen(sight, this.picture.items, elements.panels, () => this.radiusPx(), events.onUnseen);
    this.pointing = new Pointing(sight, this.picture.items, this.labels, events);
    this.attach();
    if (!camera) this.whole.place();
    this.readFirst();
    this.refresh();
  }

  /** Asks for a frame. */
  readonly refresh = (): void => {
    if (this.frameRequest === 0 && !this.sight?.isEnded) this.frameRequest = requestAnimationFrame(this.paint);
  };

  show(wishes: Wishes): void {
    const before = this.sight.wishes;
    const hasNewPanel =
      wishes.covered.leftPx !== before.covered.leftPx || wishes.colorBy !== before.colorBy || wishes.fidelity !== before.fidelity;
    this.sight.wishes = wishes;
    this.navigator.covered = wishes.covered;
    this.labels.nameFirst(wishes.namedFirst);
    if (hasNewPanel) this.refit();
    this.refresh();
  }

  setTheme(): void {
    this.sight.tokens = readTokens(this.elements.root);
    this.picture.setTheme();
    this.refresh();
  }

  end(): void {
    this.sight.isEnded = true;
    cancelAnimationFrame(this.frameRequest);
    for (const stop of this.stopping) stop();
    this.morphing?.end();
    this.points.end();
    this.labels.clear();
  }

  /** Whether the camera rests where the whole map is seen. */
  showsWhole(): boolean {
    return this.whole.isShown;
  }

  /** Flies to where the whole map is seen, beside the panels. */
  fit(): void {
    this.whole.flyThere();
  }

  /** Shows the whole map beside what panels lie over it now, if it is the whole map that is looked at. */
  refit(): void {
    if (this.whole.isShown) this.fit();
  }

  /** Glides to a camera that another map has set. */
  follow(camera: Camera): void {
    this.navigator.follow(camera);
    this.refresh();
  }

  /** Zooms around what is chosen or in the middle of what panels leave to see; in to an item's own map, or out of this one. */
  zoomBy(levels: number): void {
    this.pointing.zoomBy(levels, null);
  }

  /** Flies to an item and comes near enough to see it by itself. */
  visit(item: number): Promise<void> {
    return this.flights.visit(item);
  }

  /** Shows an item where it stood on another map, as near as it was there. */
  meet(item: number, at: PointPx, beyondFit: number): Promise<void> {
    return this.flights.meet(item, at, beyondFit);
  }

  /** Moves, without zooming, to the item nearest to the middle of the screen. */
  findItems(): Promise<void> {
    return this.flights.findItems();
  }

  /** Flies to where all that is kept by something is seen, of a tiled map about all. */
  async visitKept(by: KeptBy): Promise<void> {
    try {
      const mask = await this.unseen.maskOf(by);
      if (mask) await this.flights.visitRows(mask);
    } catch (error) {
      this.sight.fail(error);
    }
  }

  /** Flies into a region, no nearer than that all of it is seen. */
  visitRegion(level: number, region: number): Promise<void> {
    return this.flights.visitRegion(level, region);
  }

  /** Flies into a region, to where the names of its parts appear. */
  enter(label: MapLabel): Promise<void> {
    return this.flights.enter(label);
  }

  /** Lets the items fly here from where they were seen on another map. */
  morph(from: MapData, was: Projection): void {
    if (this.navigator.isCalm || this.data.map.nItems > MAX_MORPHED || from.map.nItems > MAX_MORPHED) return;
    const { root } = this.elements;
    root.dataset.arriving = "";
    const both = Promise.all([from.positions(), this.data.positions()]);
    both.catch(() => delete root.dataset.arriving);
    this.sight.reading(both, ([before, after]) => {
      const radiusPx = Math.max(1.5, this.radiusPx());
      this.morphing = new Morph(root, before, was, after, { isDark: this.sight.tokens.isDark, radiusPx });
    });
  }

  /** Whether its points come in tiles, so that only some places are known. */
  get isTiled(): boolean {
    return this.data.isTiled;
  }

  /** Where an item is on the screen; undefined while that is unknown, or if this map does not show it. */
  screenOf(item: number): PointPx | undefined {
    const place = this.places.of(item);
    return place && this.navigator.projection.toScreen(place.x, place.y);
  }

  get deepestLevel(): number {
    return this.sight.deepestLevel;
  }

  /** How many of the items that a hit stands for pass the filters; null while nothing is filtered. */
  keptAt(hit: Hit): number | null {
    return this.sifting.keptAt(hit);
  }

  /** How many of the items that a hit stands for are selected; null while nothing is. */
  pickedAt(hit: Hit): number | null {
    return this.sifting.pickedAt(hit);
  }

  /** The corners of what panels leave to see of the map, in layout units. */
  seenCorners(): Corner[] {
    const { covered } = this.sight.wishes;
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

  /** The region in the middle of what is seen, of those that are named; null while the whole map is seen, or over none. */
  async regionInMiddle(): Promise<RegionId | null> {
    const { camera, projection, middle } = this.navigator;
    if (this.sight.beyondFit < REGION_BEYOND_FIT) return null;
    const [regions, item] = await Promise.all([this.data.regions(), this.places.nearestTo(projection.toLayout(middle))]);
    const row = item === null ? null : await this.data.rowOf(item);
    const finest = row === null ? null : await this.data.regionOfRow(row, regions.length - 1);
    return finest === null ? null : this.labels.deepestNamed(pathTo(regions, regions.length - 1, finest), camera.zoom);
  }

  /** Draws what the screen shows as one picture, `scale` times as sharp as a plain screen: every layer anew, nothing enlarged. */
  async takePicture(scale: number): Promise<HTMLCanvasElement> {
    this.pictureRatio = scale;
    this.resize();
    try {
      await this.settled();
      const { navigator, elements } = this;
      const { camera, projection } = navigator;
      const picture = await this.picture.sharp(projection, scale, this.sifting.kept);
      navigator.stop();
      navigator.place(camera);
      this.paint(performance.now());
      const isShown = (canvas: HTMLCanvasElement) => canvas.style.visibility !== "hidden";
      const sheet = {
        picture,
        points: this.sight.wishes.layers.points ? this.points.copy() : null,
        lines: elements.lines,
        marks: isShown(elements.marks) ? elements.marks : null,
        labels: elements.labels,
        badges: isShown(elements.badges) ? elements.badges : null,
      };
      return composed(sheet, navigator.viewport, scale, this.sight.tokens);
    } finally {
      this.pictureRatio = null;
      this.resize();
    }
  }

  /** Resolves when all is drawn and nothing moves. */
  private async settled(): Promise<void> {
    this.isSettled = false;
    this.refresh();
    while (!this.isSettled && !this.sight.isEnded) await new Promise((resolve) => setTimeout(resolve, 30));
  }

  private attach(): void {
    const { root } = this.elements;
    const { pointing } = this;
    this.stopping.push(
      attachGestures(root, this.navigator, {
        onMove: this.refresh,
        onHover: (point, target) => void pointing.hover(point, target),
        onTap: (point, target, keys) => void pointing.tap(point, target, keys),
        onDoubleTap: (point) => void pointing.doubleTap(point),
        onZoom: (levels, point) => pointing.zoomBy(levels, point),
        onPinch: (levels, point) => pointing.pinchBy(levels, point),
        toolOf: ({ shift, control }) => this.sight.wishes.tool ?? (shift ? (control ? "lasso" : "box") : null),
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
    const onCalm = () => (this.navigator.isCalm = this.picture.isCalm = calm.matches);
    onCalm();
    calm.addEventListener("change", onCalm);
    this.stopping.push(() => calm.removeEventListener("change", onCalm));
    this.resize();
  }

  private resize(): void {
    const { picture, marks, badges } = this.elements;
    const showedWhole = this.whole.isShown;
    const { viewport } = this.sight;
    this.ratio = this.pictureRatio ?? Math.min(3, window.devicePixelRatio || 1);
    for (const canvas of [picture, marks, badges]) {
      canvas.width = Math.round(viewport.widthPx * this.ratio);
      canvas.height = Math.round(viewport.heightPx * this.ratio);
    }
    this.points.resize(viewport.widthPx, viewport.heightPx, this.ratio);
    this.navigator.resize(viewport);
    if (showedWhole) this.whole.place();
    this.refresh();
  }

  private readFirst(): void {
    this.picture.readFirst();
    this.sight.reading(this.data.labels(), (labels) => {
      this.labels.set(labels);
      this.hasLabels = true;
      if (this.whole.isShown) this.whole.place();
    });
  }

  private readonly paint = (nowMs: number): void => {
    const { sight, sifting, picture, ratio } = this;
    this.frameRequest = 0;
    sifting.apply(picture, this.labels);
    const isFlying = this.navigator.step(nowMs);
    const isMoving = this.morphs(nowMs) || isFlying;
    const { projection } = this.navigator;
    const arePointsHere = this.points.isComplete;
    const isPictureDone = picture.paint(projection, { nowMs, isMoving, ratio, arePointsHere, kept: sifting.kept });
    this.paintPoints(projection, nowMs);
    this.outline.paint(projection);
    this.marks.paint(projection, ratio, sifting.picked);
    if (sight.wishes.layers.labels && this.hasLabels) this.labels.paint(projection, picture.room(projection));
    else this.labels.clear();
    if (isMoving) this.refresh();
    this.sayWhetherEmpty(projection, isMoving);
    if (!isMoving) this.unseen.look(projection);
    this.report(isMoving || !isPictureDone || this.isLoading);
    this.pointing.arrive();
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

  private paintPoints(projection: Projection, nowMs: number): void {
    const { wishes, beyondFit, tokens } = this.sight;
    const { layers, fidelity, colorBy, kept, picked } = wishes;
    const meaning = { fidelity, colorBy, kept, picked, isDark: tokens.isDark };
    if (!layers.points) this.points.clear();
    else this.points.paint(projection, beyondFit, meaning, nowMs);
  }

  private radiusPx(): number {
    return this.points.radiusPx(this.sight.beyondFit);
  }

  private layoutOf(shape: Shape): Corner[] {
    const { projection } = this.navigator;
    return shape.corners.map((corner) => projection.toLayout(corner));
  }

  private sayWhetherEmpty(projection: Projection, isMoving: boolean): void {
    if (isMoving && !this.saidEmpty) return;
    const isEmpty = this.isEmpty(projection);
    if (isEmpty === this.saidEmpty) return;
    this.saidEmpty = isEmpty;
    this.events.onEmpty(isEmpty);
  }

  private isEmpty(projection: Projection): boolean {
    if (showsAll(projection)) return false;
    if (this.sight.collage) return this.picture.items.areNone(projection, this.sight.level);
    return this.sight.wishes.layers.points && !this.places.areOnScreen(projection, this.radiusPx());
  }

  private get isLoading(): boolean {
    return (
      this.sight.isReading || this.outline.isReading || this.points.isLoading || this.picture.isLoading || this.data.pending > 0
    );
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
