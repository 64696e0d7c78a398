import type { Covered, Viewport } from "./camera";
import { type HashState, PANELS, type PanelName } from "./hash";

/** Panels that are looked at for a moment. */
export type PopoverName = "layers" | "share" | "help";
/** Panels that stay open while one looks around; besides them the card of an item or a region stands in their place. */
export type ListName = Exclude<PanelName, "card">;
export type LeftName = "latent" | "fidelity";

/** Up to here panels take the whole width. */
export const NARROW_PX = 640;
const SLOT_SIDE_PX = 372;
const LEFT_SIDE_PX = 366;
const SLOT_BELOW_SHARE = 0.52;
/** The map is seen on so much of the screen at least, or it goes on under the panels. */
const LEAST_SEEN_PX = 120;

/**
 * Which panels are open beside the map, and what they cover of it.
 *
 * At the right there is one place: what was opened last stands in it, and whatever else is open stands behind. Two maps beside
 * each other need the width: then that place is at the left, where the map's own panel makes room for it.
 */
export class Panels {
  popover = $state<PopoverName | null>(null);
  left = $state<LeftName | null>(null);
  /** The lists that are open, in the order in which they were opened. */
  lists = $state.raw<readonly ListName[]>([]);
  /** Whether a narrow screen tells in short of the latent whose panel is shut. */
  peeks = $state(true);
  private last = $state<PanelName>("card");
  /** Whether the map's own panel was asked for while cards stood in its place. */
  private wantsOwn = $state(false);

  constructor(
    /** The panel that belongs to the map itself, and comes back when the one in its place is closed. */
    private readonly ownLeft: LeftName | null,
    /** Lists that this map can show. */
    private readonly offered: readonly ListName[],
    /** Whether the card of an item or a region is open. */
    private readonly hasCard: () => boolean,
    /** Whether two maps stand beside each other. */
    private readonly isBeside: () => boolean,
    { panels = [], left }: HashState = {},
  ) {
    this.left = left === "none" ? null : left === "fidelity" ? "fidelity" : ownLeft;
    this.lists = panels.filter((name) => name !== "card" && this.offers(name)) as ListName[];
    this.last = panels.at(-1) ?? "card";
  }

  /** Whether this map can show a list. */
  offers(name: PanelName): boolean {
    return (this.offered as readonly string[]).includes(name);
  }

  /** All that is open in the one place, at the right or, beside another map, at the left. */
  get open(): readonly PanelName[] {
    return this.hasCard() ? [...this.lists, "card"] : this.lists;
  }

  /** What of it is seen; null where nothing is open. */
  get front(): PanelName | null {
    return this.open.includes(this.last) ? this.last : (this.open.at(-1) ?? null);
  }

  /** Whether what is open stands at the left, in place of the map's own panel. */
  get isSlotLeft(): boolean {
    return this.isBeside() && this.front !== null && !(this.wantsOwn && this.left !== null);
  }

  /** Once nothing is open any more, what opens next stands in place of the map's own panel again. */
  allClosed(): void {
    this.wantsOwn = false;
  }

  /** What is seen at the left of what belongs there. */
  get leftSeen(): LeftName | null {
    return this.isSlotLeft ? null : this.left;
  }

  /** What the address says of the panels. */
  get state(): HashState {
    const { front } = this;
    const behind = this.lists.filter((name) => name !== front);
    const panels: PanelName[] = this.lists.length === 0 || front === null ? [] : [...behind, front];
    return {
      ...(panels.length > 0 ? { panels } : {}),
      ...(this.left === "fidelity" ? { left: "fidelity" as const } : {}),
      ...(this.left === null && this.ownLeft !== null ? { left: "none" as const } : {}),
    };
  }

  /** Shows what is open behind. */
  show(name: PanelName): void {
    this.last = name;
  }

  /** Opens a panel, or brings it to the front; closes it where it is there. */
  toggle(name: PopoverName | ListName): void {
    if (!isList(name)) this.popover = this.popover === name ? null : name;
    else if (this.front === name) this.close(name);
    else if (this.offers(name)) {
      this.popover = null;
      if (!this.lists.includes(name)) this.lists = [...this.lists, name];
      this.last = name;
    }
  }

  close(name: ListName): void {
    this.lists = this.lists.filter((one) => one !== name);
  }

  toggleLeft(name: LeftName): void {
    const isAmong = this.isBeside() && this.front !== null;
    const isSeen = this.leftSeen === name;
    this.wantsOwn = isAmong && !isSeen;
    if (!isSeen) this.left = name;
    else if (!isAmong || name === "fidelity") this.left = name === "fidelity" ? this.ownLeft : null;
  }

  /** What is covered of a map of this size. */
  covered({ widthPx, heightPx }: Viewport, isHalf: boolean): Covered {
    const isOpen = this.front !== null;
    if (widthPx <= NARROW_PX) {
      // Of two maps this one has the upper half, which panels leave free.
      const bottomPx = !isHalf && (isOpen || this.left) ? heightPx * SLOT_BELOW_SHARE : 0;
      return { leftPx: 0, rightPx: 0, bottomPx };
    }
    // Beside another map the column at the left stays free for cards, so that none of the maps moves when one opens.
    const leftPx = this.leftSeen || isHalf ? LEFT_SIDE_PX : 0;
    const isSeen = widthPx - leftPx - SLOT_SIDE_PX > LEAST_SEEN_PX;
    return { leftPx, rightPx: isOpen && isSeen && !isHalf ? SLOT_SIDE_PX : 0, bottomPx: 0 };
  }

  /** What is covered of the map beside. */
  coveredBeside({ widthPx }: Viewport): Covered {
    return { leftPx: 0, rightPx: this.front !== null && !this.isSlotLeft && widthPx > NARROW_PX ? SLOT_SIDE_PX : 0, bottomPx: 0 };
  }
}

function isList(name: PopoverName | ListName): name is ListName {
  return (PANELS as readonly string[]).includes(name);
}
