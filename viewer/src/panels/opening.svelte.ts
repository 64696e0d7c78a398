import { tick } from "svelte";
import type { MapLabel } from "../bundle/model";
import type { Stage } from "../layers/stage";
import type { Hit } from "../layers/wishes";
import type { Panels } from "../state/panels.svelte";
import type { ViewState } from "../state/view.svelte";

/** The maps that can be flown over: the stage once it stands, and those that go where it goes. */
interface Flown {
  stage: () => Stage | undefined;
  /** Told of an item that is flown to. */
  onVisit: (item: number) => void;
}

/** Opens the cards of items and regions, and flies there where that is wanted. */
export class Opening {
  /** What was hit where the item was chosen: a cell may stand for many. */
  hit = $state.raw<Hit | null>(null);

  constructor(
    private readonly view: ViewState,
    private readonly panels: Panels,
    private readonly flown: Flown,
  ) {}

  /** Chooses what was hit on the map; null closes what is open. */
  readonly choose = (hit: Hit | null): void => {
    this.item(hit?.item ?? null);
    this.hit = hit;
    this.panels.popover = null;
  };

  /** Chooses an item without a cell that it would stand for here. */
  readonly chooseItem = (item: number | null): void => {
    this.item(item);
    this.panels.popover = null;
  };

  /** Opens an item's card and flies to the item. */
  readonly visit = (item: number): void => {
    this.item(item);
    this.fly((stage) => {
      void stage.visit(item);
      this.flown.onVisit(item);
    });
  };

  readonly region = (level: number, region: number): void => {
    this.item(null);
    this.view.region = { level, region };
    this.panels.show("card");
  };

  readonly visitRegion = (level: number, region: number): void => {
    this.region(level, region);
    this.fly((stage) => void stage.visitRegion(level, region));
  };

  /** Does so for somebody who walks through a list and goes on there: the card opens behind it. */
  readonly passRegion = (level: number, region: number): void => {
    const { front } = this.panels;
    this.visitRegion(level, region);
    if (front) this.panels.show(front);
  };

  /** Opens the region that a name on the map stands for. */
  readonly enterRegion = (label: MapLabel): void => {
    this.region(label.level, label.region);
    this.fly((stage) => void stage.enter(label));
  };

  /** Flies to a region and selects its items. */
  readonly showRegion = (level: number, region: number): void => {
    this.visitRegion(level, region);
    void this.view.selection.act("set", { kind: "region", level, region });
  };

  private item(item: number | null): void {
    this.hit = null;
    this.view.selected = item;
    this.view.region = null;
    if (item !== null) this.panels.show("card");
  }

  /** Flies once the card that opens covers what it will. */
  private fly(there: (stage: Stage) => void): void {
    void tick().then(() => {
      const stage = this.flown.stage();
      if (stage) there(stage);
    });
  }
}
