import type { Covered, Viewport } from "./camera";

export type PopoverName = "layers" | "filters" | "regions" | "selection" | "probe" | "share" | "help";
export type LeftName = "latent" | "fidelity";

/** Popovers that stay while one looks around. */
const STAYING: (PopoverName | null)[] = ["filters", "regions", "selection"];
/** Up to here panels take the whole width. */
export const NARROW_PX = 640;
/** On narrower maps what is flown to may come to rest under a popover. */
const WIDE_PX = 860;
const CARD_SIDE_PX = 372;
const POPOVER_SIDE_PX = 376;
const LEFT_SIDE_PX = 366;
const CARD_BELOW_SHARE = 0.52;

/** Which panels are open beside the map, and what they cover of it. */
export class Panels {
  popover = $state<PopoverName | null>(null);
  left = $state<LeftName | null>(null);

  constructor(
    /** The panel that belongs to the map itself, and comes back when the one in its place is closed. */
    private readonly ownLeft: LeftName | null,
  ) {
    this.left = ownLeft;
  }

  /** Whether what is open stays while one looks around. */
  get stays(): boolean {
    return STAYING.includes(this.popover);
  }

  toggle(name: PopoverName): void {
    this.popover = this.popover === name ? null : name;
  }

  toggleLeft(name: LeftName): void {
    if (this.left !== name) this.left = name;
    else this.left = name === "fidelity" ? this.ownLeft : null;
  }

  /** Closes what is only looked at for a moment. */
  turnToMap(): void {
    if (!this.stays) this.popover = null;
  }

  /** What is covered of a map of this size. */
  covered({ widthPx, heightPx }: Viewport, hasCard: boolean, isHalf: boolean): Covered {
    if (widthPx <= NARROW_PX) return { leftPx: 0, rightPx: 0, bottomPx: hasCard ? heightPx * CARD_BELOW_SHARE : 0 };
    const cardPx = hasCard ? CARD_SIDE_PX : 0;
    const staysPx = this.stays && widthPx - cardPx > WIDE_PX ? POPOVER_SIDE_PX : 0;
    return { leftPx: this.left ? LEFT_SIDE_PX : 0, rightPx: isHalf ? 0 : cardPx + staysPx, bottomPx: 0 };
  }

  /** What is covered of the map beside. */
  coveredBeside({ widthPx }: Viewport, hasCard: boolean): Covered {
    return { leftPx: 0, rightPx: hasCard && widthPx > NARROW_PX ? CARD_SIDE_PX : 0, bottomPx: 0 };
  }
}
