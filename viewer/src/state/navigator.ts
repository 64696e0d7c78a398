import type { Extent } from "../bundle/model";
import {
  type Camera,
  type Covered,
  clamped,
  fitCamera,
  flight,
  type PointPx,
  Projection,
  pannedBy,
  type Viewport,
  zoomedAround,
  zoomedOnto,
} from "./camera";

const WHEEL_SETTLE_MS = 70;
const FLING_SETTLE_MS = 260;
const FOLLOW_SETTLE_MS = 80;
const FLING_MIN_PX_PER_MS = 0.04;

/** Tells of a layout point that zooming draws to its anchor. */
export type Held = () => { x: number; y: number } | null;

interface Motion {
  /** Moves the camera to where it belongs now; returns false when it has arrived. */
  step(nowMs: number, elapsedMs: number): boolean;
}

/** The camera and its motions. Knows no screen: a stage asks it to step before each frame. */
export class Navigator {
  camera: Camera;
  viewport: Viewport;
  isCalm = false;
  /** What panels cover of the viewport. */
  covered: Covered = { leftPx: 0, rightPx: 0, bottomPx: 0 };
  minZoom = -1;
  private motion: Motion | null = null;
  private lastStepMs = 0;
  private targetZoom = 0;

  constructor(
    readonly extent: Extent,
    viewport: Viewport,
    readonly maxZoom: number,
    camera?: Camera,
  ) {
    this.viewport = viewport;
    this.camera = camera ?? fitCamera(extent, viewport);
    this.resize(viewport);
  }

  get projection(): Projection {
    return new Projection(this.extent, this.viewport, this.camera);
  }

  get fitZoom(): number {
    return fitCamera(this.extent, this.viewport).zoom;
  }

  resize(viewport: Viewport): void {
    this.viewport = viewport;
    this.minZoom = Math.min(this.fitZoom - 1, this.maxZoom);
    this.place(this.camera);
  }

  place(camera: Camera): void {
    this.camera = clamped(camera, this.extent, this.minZoom, this.maxZoom);
  }

  /** Moves the camera; returns whether it is still under way. */
  step(nowMs: number): boolean {
    const elapsedMs = Math.min(64, nowMs - this.lastStepMs);
    this.lastStepMs = nowMs;
    if (this.motion && !this.motion.step(nowMs, elapsedMs)) this.motion = null;
    return this.motion !== null;
  }

  stop(): void {
    this.motion = null;
  }

  panBy(dxPx: number, dyPx: number): void {
    this.stop();
    this.place(pannedBy(this.projection, dxPx, dyPx));
  }

  /** Lets the map glide on after a drag, at first with the given pixels per millisecond. */
  fling(vxPxPerMs: number, vyPxPerMs: number): void {
    if (this.isCalm || Math.hypot(vxPxPerMs, vyPxPerMs) < FLING_MIN_PX_PER_MS) return;
    let vx = vxPxPerMs;
    let vy = vyPxPerMs;
    this.motion = {
      step: (_now, elapsedMs) => {
        this.place(pannedBy(this.projection, vx * elapsedMs, vy * elapsedMs));
        const decay = Math.exp(-elapsedMs / FLING_SETTLE_MS);
        vx *= decay;
        vy *= decay;
        return Math.hypot(vx, vy) > FLING_MIN_PX_PER_MS;
      },
    };
  }

  /**
   * Zooms smoothly by `levels` around a place on the screen; repeated calls add up. What `held` tells of in layout units is
   * drawn to that place meanwhile.
   *
   * Returns by how many levels it was to go beyond its limits.
   */
  zoomBy(levels: number, anchor: PointPx = this.middle, held: Held = () => null): number {
    const from = this.motion && "zooms" in this.motion ? this.targetZoom : this.camera.zoom;
    this.targetZoom = Math.min(this.maxZoom, Math.max(this.minZoom, from + levels));
    const beyond = from + levels - this.targetZoom;
    if (this.isCalm) {
      this.zoomAround(anchor, this.targetZoom, held());
      return beyond;
    }
    const zooming: Motion & { zooms: true } = {
      zooms: true,
      step: (_now, elapsedMs) => {
        const left = this.targetZoom - this.camera.zoom;
        const arrives = Math.abs(left) < 0.002;
        const share = arrives ? 1 : 1 - Math.exp(-elapsedMs / WHEEL_SETTLE_MS);
        this.zoomAround(anchor, this.camera.zoom + left * share, held());
        return !arrives;
      },
    };
    this.motion = zooming;
    return beyond;
  }

  /** Zooms at once, for fingers that hold the map; returns by how many levels it was to go beyond its limits. */
  zoomAround(anchor: PointPx, zoom: number, held: ReturnType<Held> = null): number {
    const limited = Math.min(this.maxZoom, Math.max(this.minZoom, zoom));
    const { projection } = this;
    this.place(held ? zoomedOnto(projection, held, anchor, limited) : zoomedAround(projection, anchor, limited));
    return zoom - limited;
  }

  flyTo(target: Camera): void {
    const to = clamped(target, this.extent, this.minZoom, this.maxZoom);
    if (this.isCalm) {
      this.stop();
      this.place(to);
      return;
    }
    const path = flight(this.camera, to, this.extent, this.viewport);
    let startMs: number | null = null;
    this.motion = {
      step: (nowMs) => {
        startMs ??= nowMs;
        const t = Math.min(1, (nowMs - startMs) / path.durationMs);
        this.place(path.at(t));
        return t < 1;
      },
    };
  }

  /** Glides to a camera that may be set anew while it does. */
  follow(target: Camera): void {
    const to = clamped(target, this.extent, this.minZoom, this.maxZoom);
    if (this.isCalm) {
      this.stop();
      this.place(to);
      return;
    }
    this.motion = {
      step: (_now, elapsedMs) => {
        const { camera, pxPerUnit } = this.projection;
        const isThere = Math.hypot(to.x - camera.x, to.y - camera.y) * pxPerUnit < 0.3 && Math.abs(to.zoom - camera.zoom) < 1e-3;
        const share = isThere ? 1 : 1 - Math.exp(-elapsedMs / FOLLOW_SETTLE_MS);
        const between = (from: number, end: number) => from + (end - from) * share;
        this.place({ x: between(camera.x, to.x), y: between(camera.y, to.y), zoom: between(camera.zoom, to.zoom) });
        return !isThere;
      },
    };
  }

  /** The camera that shows a place in the middle of what panels leave free. */
  beside(camera: Camera, { leftPx, rightPx, bottomPx }: Covered): Camera {
    const projection = new Projection(this.extent, this.viewport, camera);
    return pannedBy(projection, (leftPx - rightPx) / 2, -bottomPx / 2);
  }

  /** The middle of what panels leave to see. */
  get middle(): PointPx {
    const { viewport, covered } = this;
    return {
      x: (viewport.widthPx + covered.leftPx - covered.rightPx) / 2,
      y: (viewport.heightPx - covered.bottomPx) / 2,
    };
  }
}
