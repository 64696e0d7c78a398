const FOCUSABLE = "button, a[href], input, select, textarea, summary, [tabindex]";
const LONGEST_TRAIL = 30;

/**
 * Keeps the focus on the page: when what has it goes away, the button that opened the panel gets it, or the panel or the map in
 * which it was, or what had it before. Returns a function that stops it.
 */
export function keepFocus(page: HTMLElement): () => void {
  let trail: HTMLElement[] = [];

  function onFocus({ target }: FocusEvent): void {
    if (target instanceof HTMLElement) trail = [...trail.filter((one) => one !== target), target].slice(-LONGEST_TRAIL);
  }

  function onChange(records: MutationRecord[]): void {
    const last = trail.at(-1);
    if (!last || last.isConnected || document.activeElement !== document.body) return;
    const gone = records.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(last)));
    const next =
      (gone && heir(page, gone)) ?? trail.findLast(canTakeFocus) ?? page.querySelector<HTMLElement>("[role=application]");
    next?.focus({ preventScroll: true });
  }

  const observer = new MutationObserver(onChange);
  observer.observe(page, { childList: true, subtree: true });
  page.addEventListener("focusin", onFocus);
  return () => {
    observer.disconnect();
    page.removeEventListener("focusin", onFocus);
  };
}

/** What gets the focus of something that was removed. */
function heir(page: HTMLElement, { removedNodes, target }: MutationRecord): HTMLElement | undefined {
  const removed = [...removedNodes].filter((node) => node instanceof Element);
  const isOpener = (button: Element) => {
    const panel = `[id="${button.getAttribute("aria-controls")}"]`;
    return removed.some((one) => one.matches(panel) || one.querySelector(panel) !== null);
  };
  const opener = [...page.querySelectorAll<HTMLElement>("[aria-controls]")].find(isOpener);
  if (opener && canTakeFocus(opener)) return opener;
  if (!(target instanceof Element) || !target.isConnected) return undefined;
  const around = target.closest<HTMLElement>("[tabindex='0']");
  if (around) return around;
  const panel = target.closest("section, aside, [data-gallery]");
  return [...(panel?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].find(canTakeFocus);
}

function canTakeFocus(element: HTMLElement): boolean {
  return element.isConnected && element.tabIndex >= 0 && element.checkVisibility() && !element.matches(":disabled, [inert] *");
}
