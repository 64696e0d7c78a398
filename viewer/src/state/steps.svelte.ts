/** Steps to go back by. */
const MOST_STEPS = 100;
/** A handle that is dragged makes one step, however many values it passes. */
const SAME_STEP_MS = 900;

/** What was, what is, and what was taken back: a line of states to go back and forth on. */
export class Steps<T> {
  private past = $state.raw<readonly T[]>([]);
  private future = $state.raw<readonly T[]>([]);
  private lastKey: string | null = null;
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(private present: T) {}

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Goes on to a new state; what has the key of the step before, and follows at once, belongs to that step. */
  record(next: T, key: string | null = null, nowMs = performance.now()): void {
    const goesOn = key !== null && key === this.lastKey && nowMs - this.lastMs < SAME_STEP_MS;
    if (!goesOn) this.past = [...this.past, this.present].slice(-MOST_STEPS);
    this.present = next;
    this.future = [];
    this.lastKey = key;
    this.lastMs = nowMs;
  }

  /** Goes a step back and returns what was there; null at the beginning. */
  undo(): T | null {
    const before = this.past.at(-1);
    if (before === undefined) return null;
    this.future = [this.present, ...this.future];
    this.past = this.past.slice(0, -1);
    return this.goTo(before);
  }

  /** Goes forward to what was last taken back; null at the end. */
  redo(): T | null {
    const [after, ...rest] = this.future;
    if (after === undefined) return null;
    this.past = [...this.past, this.present];
    this.future = rest;
    return this.goTo(after);
  }

  private goTo(state: T): T {
    this.present = state;
    this.lastKey = null;
    return state;
  }
}
