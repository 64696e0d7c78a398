/** What each key does, by the name that browsers give it; letters are small. */
export type KeyActs = Readonly<Record<string, () => void>>;

interface Hearing {
  /** Where keys are heard. */
  keys: Window | HTMLElement;
  /** The map itself: only there do Enter and the space bar mean the map. */
  root: HTMLElement;
  acts: KeyActs;
  /** Whether something lies over the map that hears keys itself. */
  isCovered: () => boolean;
  onUndo: () => void;
  onRedo: () => void;
  /** Told when the space bar is held, and when it is let go. */
  onSpace: (isHeld: boolean) => void;
}

const CHOOSERS = ["radio", "range"];

/** Lets keys act on the map, but for those that belong to what has the focus. Returns a function that ends it. */
export function hearMapKeys({ keys, root, acts, isCovered, onUndo, onRedo, onSpace }: Hearing): () => void {
  const isMap = (target: EventTarget | null) => target === root || target === document.body;

  /** Takes a step back or forth, and draws while the space bar is held; returns whether the key was for one of these. */
  function onSelectKey(event: KeyboardEvent): boolean {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z") {
      if (event.shiftKey) onRedo();
      else onUndo();
      return true;
    }
    if (event.key !== " " || !isMap(event.target)) return false;
    onSpace(true);
    return true;
  }

  function onKey(event: Event): void {
    if (!(event instanceof KeyboardEvent)) return;
    const { target } = event;
    const isTyping = target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text");
    if (!isTyping && !isCovered() && onSelectKey(event)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isCovered()) return;
    const isChoosing =
      target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && CHOOSERS.includes(target.type));
    const isItsOwn = target instanceof HTMLSelectElement || event.key.length > 1 || event.key === " "; // a slider needs no letters
    if (isTyping || (isChoosing && isItsOwn && event.key !== "Escape")) return;
    // Enter presses the button that has the focus; only on the map itself it opens the chosen item's map.
    if (event.key === "Enter" && !isMap(target)) return;
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  function onKeyUp(event: Event): void {
    if (event instanceof KeyboardEvent && event.key === " ") onSpace(false);
  }

  keys.addEventListener("keydown", onKey);
  keys.addEventListener("keyup", onKeyUp);
  return () => {
    keys.removeEventListener("keydown", onKey);
    keys.removeEventListener("keyup", onKeyUp);
  };
}
