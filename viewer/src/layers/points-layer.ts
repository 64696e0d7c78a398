import type { MapData } from "../bundle/map-data";
import type { Projection } from "../state/camera";
import { FrameBudget } from "../state/frame-budget";
import type { FidelityLayer } from "../state/hash";
import { type Rgb, rampOf } from "../state/palette";
import { BACK_SHARE, columnPalette, FAINT_OPACITY, POINT_OPACITY, trustPalette } from "../state/point-colors";
import type { Coloring, PointSource, PointsFrame } from "./point-source";
import { type PointsPainter, pointRadiusPx, tiledRadiusPx, webglProblem } from "./points";

const PLAIN_LIGHT: Rgb = [70, 84, 110];
const PLAIN_DARK: Rgb = [168, 184, 212];
/** More points of a large map than this no screen shows apart. */
const MAX_OF_TILES = 1_000_000;
/** Until one turns to the map, no more of them are fetched than a first visit may cost. */
const FIRST_LOOK = 40_000;
const TURNS = ["pointerdown", "wheel", "keydown"] as const;
/** A canvas of eight bits a color cannot show less. */
const LEAST_OPACITY = 3 / 255;
/** A picture that grows unseen leaves time for what shows meanwhile. */
const PART_OF_FRAME = 0.5;
/** A movement has ended when the camera stood still for so long. */
const REST_MS = 140;

/** What the points are to say. */
export interface PointsMeaning {
  fidelity: FidelityLayer;
  colorBy: string | null;
  /** 1 for each row that the filters keep; null while nothing is filtered. */
  kept: Uint8Array | null;
  /** 1 for each row that is selected; null while none is. */
  picked: Uint8Array | null;
  isDark: boolean;
}

/** How many points are drawn of those that the screen shows. */
export interface DrawnCount {
  nDrawn: number;
  nInView: number;
  /** Whether the counts are estimates. */
  isAbout: boolean;
}

export interface PointsEvents {
  onChange(): void;
  onFailure(error: unknown): void;
  onLimit(reason: string): void;
  /** Null while no points are drawn. */
  onDrawn(count: DrawnCount | null): void;
}

/** The points of a map: starts a painter when they are first wanted, and draws as many as this machine can, anew only when something has changed. */
export class PointsLayer {
  private painter: PointsPainter | null = null;
  private problem: string | null = null;
  private budget = new FrameBudget(MAX_OF_TILES);
  private isFirstLook: boolean;
  private readonly ending = new AbortController();
  private isStarting = false;
  private hasFailed = false;
  private isEnded = false;
  private hasDrawn = false;
  /** Whether more points are to be drawn once the camera rests. */
  private isUnsettled = false;
  private coloring: Coloring | null = null;
  private isDark = false;
  private painted = "";
  private said = "";
  /** A picture that is being drawn bit by bit. */
  private growing: { scene: string; key: string } | null = null;
  private scene = "";
  private isMoving = false;
  private lastFrameMs = 0;
  private nLastDrawn = 0;
  /** Whether the frame before this one drew points: then this one's time tells how long that took. */
  private hasJustDrawn = false;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private size = { widthPx: 1, heightPx: 1, ratio: 1 };

  constructor(
    private readonly data: MapData,
    private readonly source: PointSource,
    private readonly parent: HTMLElement,
    private readonly events: PointsEvents,
  ) {
    source.onForgotten = (batch) => this.painter?.forget(batch);
    this.isFirstLook = data.isTiled;
    const { signal } = this.ending;
    for (const turn of TURNS) document.addEventListener(turn, this.lookOn, { signal, capture: true, passive: true, once: true });
  }

  get isLoading(): boolean {
    return this.isStarting || this.source.isLoading || this.isUnsettled;
  }

  /** Whether all points that are to be drawn now are. */
  get isComplete(): boolean {
    return this.painted !== "" && this.source.isComplete;
  }

  /** How large a point is drawn at a zoom. */
  radiusPx(zoomBeyondFit: number): number {
    const { nItems } = this.data.map;
    return this.data.isTiled ? tiledRadiusPx(nItems, zoomBeyondFit) : pointRadiusPx(nItems, zoomBeyondFit);
  }

  paint(projection: Projection, zoomBeyondFit: number, meaning: PointsMeaning, nowMs: number): void {
    if (!this.painter) {
      if (!this.isStarting && !this.hasFailed) void this.start();
      return;
    }
    this.source.color(this.coloringOf(meaning));
    this.source.sift(meaning.kept, meaning.picked);
    const radiusPx = this.radiusPx(zoomBeyondFit);
    const scene = this.sceneOf(projection, radiusPx);
    const isMoving = this.watch(scene, nowMs);
    const resting = Math.min(this.isFirstLook ? FIRST_LOOK : this.budget.resting, this.painter.maxPoints);
    const now = isMoving ? Math.min(this.budget.moving, resting) : resting;
    const frame = this.source.frame(projection, { now, resting }, radiusPx);
    if (!frame) return;
    const isDone = this.draw(this.painter, projection, frame, radiusPx, scene, isMoving);
    this.isUnsettled = !isDone || now < resting;
    if (!isMoving) this.say(frame);
    if (isMoving || !isDone) this.events.onChange();
  }

  clear(): void {
    this.say(null);
    this.isUnsettled = false;
    if (this.painted === "" && !this.growing) return;
    this.painted = "";
    this.growing = null;
    this.painter?.clear();
  }

  resize(widthPx: number, heightPx: number, ratio: number): void {
    this.size = { widthPx, heightPx, ratio };
    this.painter?.resize(widthPx, heightPx, ratio);
    this.painted = "";
    this.growing = null;
  }

  /** The canvas with what was last painted; null where no points are drawn. */
  copy(): HTMLCanvasElement | null {
    return this.painter ? this.parent.querySelector("canvas") : null;
  }

  end(): void {
    this.isEnded = true;
    this.ending.abort();
    clearTimeout(this.restTimer);
    this.source.end();
    this.painter?.destroy();
  }

  private readonly lookOn = (): void => {
    if (!this.isFirstLook) return;
    this.isFirstLook = false;
    this.events.onChange();
  };

  /** What must be the same for one picture to be the other, but for points that have come since. */
  private sceneOf({ camera: { x, y, zoom }, viewport }: Projection, radiusPx: number): string {
    return [x, y, zoom, viewport.widthPx, viewport.heightPx, radiusPx, this.source.look].join(" ");
  }

  /** Whether the map moves or changes; the frames of that teach how many points this machine can draw. */
  private watch(scene: string, nowMs: number): boolean {
    if (this.isMoving && this.hasJustDrawn) this.budget.took(nowMs - this.lastFrameMs, this.nLastDrawn);
    this.lastFrameMs = nowMs;
    this.hasJustDrawn = false;
    if (this.scene !== "" && scene !== this.scene) {
      this.isMoving = true;
      clearTimeout(this.restTimer);
      this.restTimer = setTimeout(() => {
        this.isMoving = false;
        this.events.onChange();
      }, REST_MS);
    }
    this.scene = scene;
    return this.isMoving;
  }

  /** Draws a frame at once, or bit by bit where it has many points and the map rests; returns whether all of it shows. */
  private draw(
    painter: PointsPainter,
    projection: Projection,
    { drawn, palette, opacity, version }: PointsFrame,
    radiusPx: number,
    scene: string,
    isMoving: boolean,
  ): boolean {
    const n = drawn.reduce((sum, batch) => sum + batch.n, 0);
    const key = [scene, opacity, version, drawn.length, n].join(" ");
    const look = { radiusPx, opacities: opacitiesOf(opacity), palette };
    if (this.growing?.scene !== scene) this.growing = null;
    if (this.growing) {
      if (!painter.goOn(this.budget.moving * PART_OF_FRAME)) return false;
      this.painted = this.growing.key;
      this.growing = null;
    }
    if (key === this.painted) return true;
    if (!isMoving && n > this.budget.moving) {
      this.growing = { scene, key };
      painter.begin(projection, drawn, look);
      return false;
    }
    if (n > 0 && !this.hasDrawn) performance.mark("vista: first points");
    this.hasDrawn ||= n > 0;
    painter.paint(projection, drawn, look);
    this.painted = key;
    this.hasJustDrawn = true;
    this.nLastDrawn = n;
    return true;
  }

  private say(frame: PointsFrame | null): void {
    const count = frame && { nDrawn: frame.nDrawn, nInView: frame.nInView, isAbout: frame.isAbout };
    const text = JSON.stringify(count);
    if (text === this.said) return;
    this.said = text;
    this.events.onDrawn(count);
    if (count && this.problem) {
      const { nItems } = this.data.map;
      const nAtMost = Math.min(nItems, this.painter!.maxPoints);
      this.events.onLimit(`${this.problem}: points are drawn more slowly, at most ${nAtMost} of ${nItems}.`);
    }
  }

  private async start(): Promise<void> {
    this.isStarting = true;
    try {
      const problem = webglProblem();
      const painter =
        (problem === null && (await this.webglPainter())) || (await this.canvasPainter(problem ?? "WebGL 2 failed"));
      if (this.isEnded) painter.destroy();
      else this.take(painter);
    } catch (error) {
      this.hasFailed = true;
      this.events.onFailure(error);
    }
    this.isStarting = false;
    this.events.onChange();
  }

  /** Null where the graphics card cannot run the points' program. */
  private async webglPainter(): Promise<PointsPainter | null> {
    const { WebglPoints } = await import("./points-webgl");
    const redraw = () => {
      this.painted = "";
      this.growing = null;
      this.events.onChange();
    };
    try {
      return new WebglPoints(this.newCanvas(), redraw, () => void this.fallBack());
    } catch {
      return null;
    }
  }

  private async canvasPainter(problem: string): Promise<PointsPainter> {
    const { CanvasPoints } = await import("./points-canvas");
    this.problem = problem;
    return new CanvasPoints(this.newCanvas());
  }

  /** A graphics card may take its context away at any time, and not give it back. */
  private async fallBack(): Promise<void> {
    if (this.isEnded) return;
    this.painter?.destroy();
    this.take(await this.canvasPainter("The graphics card gave up"));
    this.events.onChange();
  }

  private take(painter: PointsPainter): void {
    this.painter = painter;
    this.budget = new FrameBudget(this.data.isTiled ? Math.min(MAX_OF_TILES, painter.maxPoints) : painter.maxPoints);
    this.painted = this.said = "";
    this.growing = null;
    painter.resize(this.size.widthPx, this.size.heightPx, this.size.ratio);
  }

  private newCanvas(): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    this.parent.replaceChildren(canvas);
    return canvas;
  }

  /** The same object as long as it says the same. */
  private coloringOf({ fidelity, colorBy, isDark }: PointsMeaning): Coloring {
    const key = `${fidelity}|${colorBy}`;
    if (this.coloring?.key === key && this.isDark === isDark) return this.coloring;
    this.isDark = isDark;
    const { map } = this.data;
    const column = map.colors.find(({ name }) => name === colorBy);
    if (fidelity !== "none" && map.fidelity) {
      this.coloring = { key, palette: trustPalette(), codes: { kind: "trust", which: fidelity } };
    } else if (column) {
      const palette = columnPalette(column, rampOf(map, column, isDark));
      this.coloring = { key, palette, codes: { kind: "column", name: column.name } };
    } else this.coloring = { key, palette: [isDark ? PLAIN_DARK : PLAIN_LIGHT], codes: null };
    return this.coloring;
  }
}

function opacitiesOf(opacity: number): [faint: number, full: number, back: number] {
  return [Math.max(LEAST_OPACITY, (opacity / POINT_OPACITY) * FAINT_OPACITY), opacity, opacity * BACK_SHARE];
}
