import type { PointPx } from "../state/camera";

/** How long the picture of the map that is left may stand while the next one is being drawn. */
const LONGEST_WAIT_MS = 900;
const LOOK_EVERY_MS = 30;

/**
 * Goes from one map to another as if through it: into an item, at a place on the screen, or out to where the map is an item.
 *
 * Browsers without view transitions, parts of a page, and people who want no motion, see the next map at once.
 */
export function goThrough(root: HTMLElement, direction: "in" | "out", at: PointPx | undefined, change: () => void): void {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (isCalm || root !== document.documentElement || typeof document.startViewTransition !== "function") {
    change();
    return;
  }
  const { dataset, style } = root;
  style.setProperty("--through", at ? `${at.x}px ${at.y}px` : "50% 50%");
  dataset.through = direction;
  const transition = document.startViewTransition(async () => {
    dataset.vista = "busy";
    change();
    await drawn();
  });
  transition.finished.catch(() => {}).finally(() => delete dataset.through);
}

async function drawn(): Promise<void> {
  const startMs = performance.now();
  while (document.documentElement.dataset.vista !== "ready" && performance.now() - startMs < LONGEST_WAIT_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
