import type { Counterparts } from "../bundle/counterparts";
import { followingCamera, isNearMiddle, isOnScreen } from "../state/following";
import type { Stage } from "./stage";

/** An item, as each of two maps calls it. */
interface Pair {
  leading: number;
  following: number;
}

/** Keeps two maps of the same items at the same items: where one is moved by hand, the other follows. */
export class LinkedView {
  isOn = true;
  /** The map that is moved by hand; null while both fly by themselves. */
  private leader: Stage | null = null;
  /** The item that keeps its place on both screens. */
  private anchor: Pair | null = null;
  private isSeeking = false;

  constructor(
    private readonly one: Stage,
    private readonly other: Stage,
    /** The items of the one on the other, and the reverse. */
    private readonly there: Counterparts,
    private readonly back: Counterparts,
  ) {}

  /** A hand is on one of the maps; null: both are sent to the same item, each on its own way. */
  lead(stage: Stage | null): void {
    if (this.leader !== stage) this.anchor = null;
    this.leader = stage;
  }

  /** A camera has moved; a chosen item, as the one map calls it, is followed as long as it is on the screen. */
  moved(stage: Stage, chosen: number | null): void {
    if (!this.isOn || stage !== this.leader) return;
    const follower = stage === this.one ? this.other : this.one;
    if (stage.showsWhole()) {
      if (!follower.showsWhole()) follower.fit();
      return;
    }
    const anchor = this.anchorOn(stage, follower, chosen);
    if (anchor) this.hold(stage, follower, anchor);
    else if (stage.isTiled || !stage.places.areKnown || !follower.places.areKnown) void this.seek(stage, follower, chosen);
  }

  /** Shows an item on both screens as far from the middle of what is seen. */
  private hold(stage: Stage, follower: Stage, anchor: Pair): void {
    this.anchor = anchor;
    const there = stage.places.of(anchor.leading);
    const here = follower.places.of(anchor.following);
    if (there && here) follower.follow(followingCamera(stage.navigator, there, follower.navigator, here));
  }

  /** The item that is followed, as far as it can be told at once. */
  private anchorOn(stage: Stage, follower: Stage, chosen: number | null): Pair | null {
    const { navigator } = stage;
    const isHeld = ({ leading, following }: Pair, isIn: typeof isNearMiddle) => {
      const place = stage.places.of(leading);
      return place !== undefined && follower.places.of(following) !== undefined && isIn(navigator, place);
    };
    const pair = chosen === null ? null : this.pairOf(stage, chosen);
    if (pair && isHeld(pair, isOnScreen)) return pair;
    if (this.anchor && isHeld(this.anchor, isNearMiddle)) return this.anchor;
    const shared = stage.places.nearestShared(navigator.projection.toLayout(navigator.middle), follower.places);
    return shared === null ? null : { leading: shared, following: shared };
  }

  /** A chosen item as both maps call it; null while that is unknown. */
  private pairOf(stage: Stage, chosen: number): Pair | null {
    const there = this.there.get(chosen);
    if (there === undefined) return null;
    return stage === this.one ? { leading: chosen, following: there } : { leading: there, following: chosen };
  }

  /** Reads what is missing to tell which item is followed: of maps in tiles, the nearest point that is here, and where it lies there. */
  private async seek(stage: Stage, follower: Stage, chosen: number | null): Promise<void> {
    if (this.isSeeking) return;
    this.isSeeking = true;
    try {
      if (stage.isTiled && follower.isTiled) await this.seekInTiles(stage, follower);
      else await Promise.all([stage.places.readAll(), follower.places.readAll()]);
    } catch {
      return; // the stages say what could not be read
    } finally {
      this.isSeeking = false;
    }
    if (!stage.isTiled && stage.places.areKnown && follower.places.areKnown) this.moved(stage, chosen);
  }

  private async seekInTiles(stage: Stage, follower: Stage): Promise<void> {
    const leading = await stage.places.nearestTo(stage.navigator.projection.toLayout(stage.navigator.middle));
    if (leading === null) return;
    const following = await (stage === this.one ? this.there : this.back).read(leading);
    await Promise.all([stage.places.read([leading]), follower.places.read([following])]);
    if (this.isOn && stage === this.leader && !stage.showsWhole()) this.hold(stage, follower, { leading, following });
  }
}
