import { followingCamera, isNearMiddle, isOnScreen } from "../state/following";
import type { Stage } from "./stage";

/** Keeps two maps of the same items at the same items: where one is moved by hand, the other follows. */
export class LinkedView {
  isOn = true;
  /** The map that is moved by hand; null while both fly by themselves. */
  private leader: Stage | null = null;
  /** The item that keeps its place on both screens. */
  private anchor: number | null = null;
  private isReading = false;

  constructor(
    private readonly one: Stage,
    private readonly other: Stage,
  ) {}

  /** A hand is on one of the maps; null: both are sent to the same item, each on its own way. */
  lead(stage: Stage | null): void {
    if (this.leader !== stage) this.anchor = null;
    this.leader = stage;
  }

  /** A camera has moved; a chosen item that is on the screen is the one that is followed. */
  moved(stage: Stage, chosen: number | null): void {
    if (!this.isOn || stage !== this.leader) return;
    const follower = stage === this.one ? this.other : this.one;
    if (stage.showsWhole()) {
      if (!follower.showsWhole()) follower.fit();
      return;
    }
    if (!stage.places.areKnown || !follower.places.areKnown) {
      void this.read(stage, chosen);
      return;
    }
    const { projection, fitZoom } = stage.navigator;
    this.anchor = this.anchorOn(stage, follower, chosen);
    const there = this.anchor === null ? undefined : stage.places.of(this.anchor);
    const here = this.anchor === null ? undefined : follower.places.of(this.anchor);
    if (there && here) follower.follow(followingCamera(projection, fitZoom, there, follower.navigator, here));
  }

  private anchorOn(stage: Stage, follower: Stage, chosen: number | null): number | null {
    const { projection } = stage.navigator;
    const isHeld = (item: number, isIn: typeof isNearMiddle) => {
      const place = stage.places.of(item);
      return place !== undefined && follower.places.of(item) !== undefined && isIn(projection, place);
    };
    if (chosen !== null && isHeld(chosen, isOnScreen)) return chosen;
    if (this.anchor !== null && isHeld(this.anchor, isNearMiddle)) return this.anchor;
    return stage.places.nearestShared(projection.camera, follower.places);
  }

  private async read(stage: Stage, chosen: number | null): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      await Promise.all([this.one.places.readAll(), this.other.places.readAll()]);
    } catch {
      return; // the stages say what could not be read
    } finally {
      this.isReading = false;
    }
    if (this.one.places.areKnown && this.other.places.areKnown) this.moved(stage, chosen);
  }
}
