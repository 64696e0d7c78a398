import { type HashState, writeHash } from "./hash";
import type { Address } from "./host";

const DELAY_MS = 250;

/** Keeps an address in step with what is seen, but not on every frame. */
export class AddressLine {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly address: Address,
    /** What is seen now; null while the address is about something else. */
    private readonly seen: () => HashState | null,
  ) {}

  /** Writes what is seen a moment from now. */
  readonly soon = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.now, DELAY_MS);
  };

  readonly now = (): void => {
    const state = this.seen();
    if (state) this.address.replace(writeHash(state));
  };

  end(): void {
    clearTimeout(this.timer);
  }
}
