import { AtlasError } from "../bundle/errors";
import type { Received, Source } from "../bundle/source";
import type { ByteSpan } from "../bundle/spans";

/** What the viewer uses of a widget's model, which Jupyter brings from the kernel. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: (...args: never[]) => void): void;
  off(event: string, listener: (...args: never[]) => void): void;
  send(content: unknown): void;
}

/** A question to the kernel; the answer comes with the same number. */
interface Asked {
  resolve(received: Received): void;
  reject(reason: AtlasError): void;
}

interface Answer {
  kind?: unknown;
  request?: unknown;
  message?: unknown;
}

const PATIENCE_MS = 8_000;
/** The kernel answers one question after another; a few at a time keep it from answering for a view that is gone. */
const AT_ONCE = 8;

let nAsked = 0;

/** Files of an atlas that only the kernel can read: they come as messages, so that no server is needed. */
export class CommSource implements Source {
  private readonly asked = new Map<number, Asked>();
  private readonly waiting: (() => void)[] = [];
  private isEnded = false;

  constructor(
    private readonly model: WidgetModel,
    private readonly onSlow: (isSlow: boolean) => void,
  ) {
    model.on("msg:custom", this.hear);
  }

  async read(path: string, span?: ByteSpan): Promise<Received> {
    if (this.asked.size >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.isEnded) throw closed();
    const request = ++nAsked;
    const slow = setTimeout(() => this.onSlow(true), PATIENCE_MS);
    try {
      return await new Promise<Received>((resolve, reject) => {
        this.asked.set(request, { resolve, reject });
        this.model.send({ kind: "read", request, path, ...(span ? { offset: span.offset, length: span.length } : {}) });
      });
    } finally {
      clearTimeout(slow);
      this.waiting.shift()?.();
    }
  }

  end(): void {
    this.model.off("msg:custom", this.hear);
    this.isEnded = true;
    for (const { reject } of this.asked.values()) reject(closed());
    this.asked.clear();
  }

  private readonly hear = (content: Answer, buffers: (DataView | ArrayBuffer)[] = []): void => {
    const asked = typeof content?.request === "number" ? this.asked.get(content.request) : undefined;
    if (!asked) return;
    this.asked.delete(content.request as number);
    this.onSlow(false);
    const [buffer] = buffers;
    if (content.kind === "bytes" && buffer) asked.resolve({ bytes: copied(buffer), isPart: true });
    else
      asked.reject(
        new AtlasError(String(content.message ?? "The kernel sent nothing."), "Run the cell that shows the map again."),
      );
  };
}

function closed(): AtlasError {
  return new AtlasError("The map was closed.", "Show it again.");
}

function copied(buffer: DataView | ArrayBuffer): Uint8Array<ArrayBuffer> {
  const view =
    buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return new Uint8Array(view);
}
