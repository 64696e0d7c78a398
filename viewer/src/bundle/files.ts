import { AtlasError } from "./errors";
import { inflated } from "./gzip";
import { HOST_ADVICE, type Received, type Source } from "./source";
import { type ByteSpan, mergedSpans } from "./spans";

/** Files as small as this come whole: one request costs less than two ranges. */
const SMALL_BYTES = 200_000;
/** Spans this near to each other are read in one request. */
const MERGE_GAP_BYTES = 32_000;
const MERGE_LIMIT_BYTES = 600_000;

interface Waiting extends ByteSpan {
  signal: AbortSignal | undefined;
  resolve(bytes: Uint8Array<ArrayBuffer>): void;
  reject(reason: unknown): void;
}

/**
 * The atlas's files, by their paths in the manifest.
 *
 * Spans that are asked for in the same moment are merged: sixteen neighboring tiles lie side by side in their archive, and
 * one request brings them all.
 */
export class AtlasFiles {
  private readonly whole = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly noticed = new Set<string>();
  /** Requests that are under way. */
  pending = 0;

  constructor(
    private readonly source: Source,
    private readonly sizes: ReadonlyMap<string, number>,
    private readonly onNotice: (text: string) => void = () => {},
  ) {}

  /** The whole file, as it lies on disk. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.whole.get(path);
    if (known) return known;
    const reading = this.fetchBytes(path).then(({ bytes }) => bytes);
    this.keepWhole(path, reading);
    return reading;
  }

  /** The whole file, inflated, without keeping the compressed bytes. */
  async readInflated(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return inflated((await this.fetchBytes(path)).bytes);
  }

  async readJson<T>(path: string): Promise<T> {
    const bytes = await this.readInflated(path);
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    } catch {
      throw new AtlasError(`${path} is not readable JSON.`, "The atlas may be half copied: copy or build it again.");
    }
  }

  /** `length` bytes from `offset`; a request is given up when none of those that share it wants it any more. */
  span(path: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const isSmall = (this.sizes.get(path) ?? Number.POSITIVE_INFINITY) <= SMALL_BYTES;
    const whole = this.whole.get(path) ?? (isSmall ? this.read(path) : undefined);
    if (whole) return whole.then((bytes) => bytes.slice(offset, offset + length));
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(path) ?? [];
      if (queue.length === 0) {
        this.waiting.set(path, queue);
        setTimeout(() => this.flush(path), 4);
      }
      queue.push({ offset, length, signal, resolve, reject });
    });
  }

  private flush(path: string): void {
    const queue = this.waiting.get(path) ?? [];
    this.waiting.delete(path);
    for (const group of mergedSpans(queue, MERGE_GAP_BYTES, MERGE_LIMIT_BYTES)) {
      this.fetchSpan(path, group.offset, group.length, signalOf(group.members)).then(
        (bytes) => {
          for (const one of group.members) this.hand(path, one, bytes, one.offset - group.offset);
        },
        (reason) => {
          for (const one of group.members) one.reject(reason);
        },
      );
    }
  }

  private async fetchSpan(path: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.whole.get(path);
    if (known) return (await known).slice(offset, offset + length);
    const { bytes, isPart } = await this.fetchBytes(path, { offset, length }, signal);
    if (!isPart) {
      this.keepWhole(path, Promise.resolve(bytes));
      this.notice("This host ignores Range requests: files come whole, and large maps will be slow.");
      return bytes.slice(offset, offset + length);
    }
    return bytes;
  }

  /** Hands over a part of what came, where all of it did: what is cut off spoils nothing but itself. */
  private hand(path: string, { offset, length, resolve, reject }: Waiting, bytes: Uint8Array<ArrayBuffer>, start: number): void {
    const size = this.sizes.get(path);
    const expected = size === undefined ? length : Math.min(length, size - offset);
    const part = bytes.slice(start, start + length);
    if (part.length >= expected) resolve(part);
    else reject(new AtlasError(`The host sent ${part.length} of ${expected} bytes of ${path}.`, HOST_ADVICE));
  }

  private async fetchBytes(path: string, span?: ByteSpan, signal?: AbortSignal): Promise<Received> {
    this.pending++;
    try {
      return await this.source.read(path, span, signal);
    } finally {
      this.pending--;
    }
  }

  private keepWhole(path: string, reading: Promise<Uint8Array<ArrayBuffer>>): void {
    this.whole.set(path, reading);
    reading.catch(() => this.whole.delete(path));
  }

  private notice(text: string): void {
    if (this.noticed.has(text)) return;
    this.noticed.add(text);
    this.onNotice(text);
  }
}

/** A signal that aborts when all who wait have given up; undefined where one of them never will. */
function signalOf(waiting: readonly Waiting[]): AbortSignal | undefined {
  if (waiting.some(({ signal }) => !signal)) return undefined;
  const shared = new AbortController();
  const look = () => {
    if (waiting.every(({ signal }) => signal!.aborted)) shared.abort();
  };
  for (const { signal } of waiting) signal!.addEventListener("abort", look, { once: true });
  look();
  return shared.signal;
}
