import type { Address } from "../state/host";

/** An address of its own, for a viewer on a page that belongs to others. */
export class MemoryAddress implements Address {
  private readonly listeners = new Set<() => void>();

  constructor(
    private text: string,
    private readonly onWrite: (hash: string) => void,
  ) {}

  get hash(): string {
    return this.text;
  }

  replace(hash: string): void {
    if (hash === this.text) return;
    this.text = hash;
    this.onWrite(hash);
  }

  push(hash: string): void {
    this.replace(hash);
  }

  /** Goes somewhere, as a link does on a page. */
  go(hash: string): void {
    this.replace(hash);
    for (const listener of this.listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
