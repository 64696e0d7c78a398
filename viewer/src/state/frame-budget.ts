/** Fewer points would not show what a map is like. */
const FEWEST = 40_000;
/** Frames that take longer than this are too slow; a run of frames shorter than that leaves room. */
const SLOW_MS = 42;
const QUICK_MS = 22;
/** One slow frame may be something else's: two in a row are ours. */
const SLOW_RUN = 2;
const QUICK_RUN = 10;
const LESS = 0.7;
const LEAST = 0.3;
const MORE = 1.3;
/** At rest a picture is drawn once, bit by bit, and may take as long as some frames of a movement. */
const RESTING_FRAMES = 13;
/** What any machine may begin with. */
const FIRST = 80_000;

/** How many points are drawn in a frame: as many as keep a movement smooth on this machine, and more at rest. */
export class FrameBudget {
  private nMoving: number;
  private nSlow = 0;
  private nQuick = 0;

  constructor(private readonly most: number) {
    this.nMoving = Math.min(FIRST, most);
  }

  get moving(): number {
    return this.nMoving;
  }

  get resting(): number {
    return Math.min(this.most, this.nMoving * RESTING_FRAMES);
  }

  /** Learns from a frame of a movement: how long it took, and how many points were drawn in it. */
  took(ms: number, nDrawn: number): void {
    this.nSlow = ms > SLOW_MS ? this.nSlow + 1 : 0;
    this.nQuick = ms < QUICK_MS ? this.nQuick + 1 : 0;
    if (this.nSlow >= SLOW_RUN) {
      this.nSlow = 0;
      const share = Math.max(LEAST, Math.min(LESS, SLOW_MS / ms));
      this.nMoving = Math.max(Math.min(FEWEST, this.most), Math.min(this.nMoving, nDrawn) * share);
    } else if (this.nQuick >= QUICK_RUN) {
      this.nQuick = 0;
      // Where few points are in view, quick frames tell nothing about more of them.
      if (nDrawn >= this.nMoving * LESS * LESS) this.nMoving = Math.min(this.most, this.nMoving * MORE);
    }
  }
}
