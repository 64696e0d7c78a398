import type { PointPx } from "../state/camera";
import type { Navigator } from "../state/navigator";
import type { Tool } from "../state/view.svelte";
import { Shape } from "./shape";

const TAP_SLOP_PX = 5;
const DOUBLE_TAP_MS = 260;
/** Two taps farther from each other than this are no double tap, however soon they come. */
const DOUBLE_TAP_PX = 24;
const WHEEL_LEVELS_PER_PX = 1 / 260;
/** A pinch on a touchpad comes as small steps of a wheel with Ctrl; a wheel itself makes larger ones. */
const LEAST_NOTCH_PX = 50;

export interface GestureHandlers {
  onMove(): void;
  onHover(point: PointPx | null, target: Element | null): void;
  onTap(point: PointPx, target: Element, keys: Keys): void;
  onDoubleTap(point: PointPx): void;
  /** The map is to be zoomed by a wheel. */
  onZoom(levels: number, point: PointPx): void;
  /** Two fingers zoom the map, with a place between them. */
  onPinch(levels: number, point: PointPx): void;
  /** What a press draws; null where it takes hold of the map. */
  toolOf(keys: Keys): Tool | null;
  /** A shape is being drawn; null when it was given up. */
  onDraw(shape: Shape | null): void;
  onDrawn(shape: Shape, keys: Keys): void;
  /** Whether a wheel without Ctrl and a single finger belong to the page around the map. */
  isShared(): boolean;
  /** Such a move was left to the page. */
  onLeft(what: "wheel" | "finger"): void;
}

/** Keys that were held. */
export interface Keys {
  shift: boolean;
  /** Control, or the command key. */
  control: boolean;
  alt: boolean;
}

interface Finger {
  point: PointPx;
  start: PointPx;
  target: Element;
}

/** Turns mouse, pen and fingers into moves of the camera, hovers and taps. Returns a function that detaches it all. */
export function attachGestures(root: HTMLElement, navigator: Navigator, handlers: GestureHandlers): () => void {
  const fingers = new Map<number, Finger>();
  const ending = new AbortController();
  const { signal } = ending;
  let velocity = { x: 0, y: 0, atMs: 0 };
  let moved = false;
  /** A tap that may become the first half of a double tap. */
  let waiting: { at: PointPx; timer: ReturnType<typeof setTimeout>; settle: () => void } | null = null;
  let shape: Shape | null = null;

  const pointOf = (event: MouseEvent): PointPx => {
    const box = root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    navigator.stop();
    const point = pointOf(event);
    fingers.set(event.pointerId, { point, start: point, target: event.target });
    root.setPointerCapture(event.pointerId);
    velocity = { x: 0, y: 0, atMs: event.timeStamp };
    if (fingers.size === 1) moved = false;
    const tool = fingers.size === 1 ? handlers.toolOf(keysOf(event)) : null;
    if (shape) handlers.onDraw(null); // a second finger takes hold of the map
    shape = tool && new Shape(tool, point);
  }

  function onPointerMove(event: PointerEvent): void {
    const point = pointOf(event);
    const finger = fingers.get(event.pointerId);
    if (!finger) {
      if (event.pointerType !== "touch") handlers.onHover(point, event.target instanceof Element ? event.target : null);
      return;
    }
    if (!moved && Math.hypot(point.x - finger.start.x, point.y - finger.start.y) < TAP_SLOP_PX) return;
    if (!moved) {
      moved = true;
      if (!shape) root.classList.add("is-dragging");
      handlers.onHover(null, null);
    }
    if (shape) {
      shape.extend(point);
      handlers.onDraw(shape);
      return;
    }
    if (fingers.size === 1 && event.pointerType === "touch" && handlers.isShared()) {
      handlers.onLeft("finger");
      return;
    }
    const dx = point.x - finger.point.x;
    const dy = point.y - finger.point.y;
    if (fingers.size === 1) drag(dx, dy, event.timeStamp);
    else pinch(event.pointerId, point);
    finger.point = point;
    handlers.onMove();
  }

  function drag(dx: number, dy: number, atMs: number): void {
    const elapsed = Math.max(1, atMs - velocity.atMs);
    const blend = (old: number, delta: number) => old * 0.6 + (delta / elapsed) * 0.4;
    velocity = { x: blend(velocity.x, dx), y: blend(velocity.y, dy), atMs };
    navigator.panBy(dx, dy);
  }

  function pinch(movedId: number, point: PointPx): void {
    const [otherId] = [...fingers.keys()].filter((id) => id !== movedId);
    const other = fingers.get(otherId!)?.point;
    const before = fingers.get(movedId)?.point;
    if (!other || !before) return;
    const ratio = Math.hypot(point.x - other.x, point.y - other.y) / (Math.hypot(before.x - other.x, before.y - other.y) || 1);
    navigator.panBy((point.x - before.x) / 2, (point.y - before.y) / 2);
    const middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
    handlers.onPinch(Math.log2(ratio || 1), middle);
  }

  function onPointerUp(event: PointerEvent): void {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    fingers.delete(event.pointerId);
    root.classList.remove("is-dragging");
    if (fingers.size > 0) return;
    const drawn = shape;
    shape = null;
    if (drawn) handlers.onDraw(null);
    if (drawn && moved) {
      if (event.type === "pointerup") handlers.onDrawn(drawn, keysOf(event));
    } else if (moved) {
      if (event.timeStamp - velocity.atMs < 60) navigator.fling(velocity.x, velocity.y);
      handlers.onMove();
    } else if (event.type === "pointerup") tap(finger, keysOf(event));
  }

  /** A tap waits a moment, since it may be the first half of a double tap. */
  function tap({ start, target }: Finger, keys: Keys): void {
    if (keys.shift || keys.control) {
      handlers.onTap(start, target, keys);
      return;
    }
    const before = waiting;
    waiting = null;
    clearTimeout(before?.timer);
    if (before && Math.hypot(start.x - before.at.x, start.y - before.at.y) < DOUBLE_TAP_PX) {
      handlers.onDoubleTap(start);
      return;
    }
    before?.settle();
    const settle = () => handlers.onTap(start, target, keys);
    const timer = setTimeout(() => {
      waiting = null;
      settle();
    }, DOUBLE_TAP_MS);
    waiting = { at: start, timer, settle };
  }

  function onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey && handlers.isShared()) {
      handlers.onLeft("wheel");
      return;
    }
    event.preventDefault();
    const linePx = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const pinchFactor = event.ctrlKey && Math.abs(event.deltaY) < LEAST_NOTCH_PX ? 4 : 1;
    const levels = Math.max(-1, Math.min(1, -event.deltaY * linePx * pinchFactor * WHEEL_LEVELS_PER_PX));
    handlers.onZoom(levels, pointOf(event));
  }

  root.addEventListener("pointerdown", onPointerDown, { signal });
  root.addEventListener("pointermove", onPointerMove, { signal });
  root.addEventListener("pointerup", onPointerUp, { signal });
  root.addEventListener("pointercancel", onPointerUp, { signal });
  root.addEventListener("pointerleave", () => handlers.onHover(null, null), { signal });
  root.addEventListener("wheel", onWheel, { signal, passive: false });
  root.addEventListener("touchmove", (event) => event.touches.length > 1 && event.cancelable && event.preventDefault(), {
    signal,
    passive: false,
  });
  root.addEventListener("contextmenu", (event) => fingers.size > 0 && event.preventDefault(), { signal });
  return () => {
    clearTimeout(waiting?.timer);
    ending.abort();
  };
}

function keysOf({ shiftKey, ctrlKey, metaKey, altKey }: PointerEvent): Keys {
  return { shift: shiftKey, control: ctrlKey || metaKey, alt: altKey };
}
