import type { RectPx } from "../state/camera";

/** What a panel's own marks on the page say: it stands over the map. */
const PANELS = "[data-over-map]";

/** Where panels within `page` lie over a map, in pixels from its corner; what lies beside it is left out. */
export function panelRects(root: HTMLElement, page: HTMLElement): RectPx[] {
  const origin = root.getBoundingClientRect();
  const rects: RectPx[] = [];
  for (const panel of page.querySelectorAll(PANELS)) {
    const { left, top, width, height } = panel.getBoundingClientRect();
    const isColumn = panel.getAttribute("data-over-map") === "column";
    // What grows while it is looked at takes its whole column, so that the map does not move each time.
    const rect = { x: left - origin.left, y: isColumn ? 0 : top - origin.top, width, height: isColumn ? origin.height : height };
    const right = Math.min(rect.x + rect.width, origin.width);
    const x = Math.max(0, rect.x);
    const isBeside = right <= x || rect.y >= origin.height || rect.y + rect.height <= 0;
    if (width > 0 && !isBeside) rects.push({ ...rect, x, width: right - x });
  }
  return rects;
}
