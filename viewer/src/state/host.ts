import { NARROW_PX } from "./panels.svelte";

/** Where a view is written down, so that it can be shared and gone back to. */
export interface Address {
  /** What stands after "#", with it. */
  readonly hash: string;
  /** Writes in place of what stands there. */
  replace(hash: string): void;
  /** Writes so that one can go back to what stood there. */
  push(hash: string): void;
  /** Calls back when somebody else wrote: typed, followed a link, or went back. Returns a function that ends it. */
  onChange(listener: () => void): () => void;
}

/** Hands the selection over to whoever embeds the viewer, and takes theirs. */
export interface SelectionPort {
  /** Tells which items of the map's set are selected. */
  tell(items: readonly number[], mapId: string): void;
  /** Calls back when they are set from outside. Returns a function that ends it. */
  listen(onItems: (items: readonly number[]) => void | Promise<void>): () => void;
}

/** Where the viewer runs: on a page of its own, in a frame on another's page, or in a cell of a notebook. */
export interface Host {
  readonly kind: "page" | "frame" | "cell";
  /** Carries the theme, and says whether all is drawn and where the camera is. */
  readonly root: HTMLElement;
  /** Where keys are heard. */
  readonly keys: Window | HTMLElement;
  readonly address: Address;
  readonly selection: SelectionPort | null;
  setTitle(title: string): void;
}

/** Whether panels take the whole width. */
export function isNarrow({ root }: Host): boolean {
  return root.clientWidth <= NARROW_PX;
}
