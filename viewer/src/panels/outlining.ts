import { untrack } from "svelte";
import type { Attachment } from "svelte/attachments";
import type { RegionId } from "../state/hash";
import type { ViewState } from "../state/view.svelte";

/** Which region each element has outlined last. */
const outlinedBy = new WeakMap<Element, RegionId>();

/** Outlines a region on the map while an element is pointed at or has the focus. */
export function outlining(view: ViewState, id: RegionId): Attachment {
  return (element) => {
    const ending = new AbortController();
    const show = () => {
      view.outlined = id;
      outlinedBy.set(element, id);
    };
    // What is taken away loses the focus while the page is being changed, and nothing may change with it.
    const hide = () =>
      queueMicrotask(() => {
        if (view.outlined === id) view.outlined = null;
      });
    // An element that is told of its region anew, as when the name has come, goes on outlining it.
    const outlined = untrack(() => view.outlined);
    if (outlined && outlinedBy.get(element) === outlined) show();
    // A pointer enters also what the page moves beneath it: only one that moves itself points at something.
    const point = () => view.outlined !== id && show();
    element.addEventListener("pointermove", point, { signal: ending.signal });
    element.addEventListener("focus", show, { signal: ending.signal });
    for (const name of ["pointerleave", "blur"]) element.addEventListener(name, hide, { signal: ending.signal });
    return () => {
      ending.abort();
      hide();
    };
  };
}
