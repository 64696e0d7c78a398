import { AtlasError } from "./errors";
import type { ByteSpan } from "./spans";

/** A file that a host sends whole, whatever we ask for, is read at once up to this size. */
const WHOLE_LIMIT_BYTES = 50_000_000;

export const HOST_ADVICE =
  "Serve the folder with `vista serve`, or from a static host that answers Range requests and does not rewrite files.";

/** What came: the bytes that were asked for, or the whole file where a host gives no parts. */
export interface Received {
  bytes: Uint8Array<ArrayBuffer>;
  isPart: boolean;
}

/** Where an atlas's files come from: a web host, or a notebook's kernel. */
export interface Source {
  /** Reads a span of a file or all of it; gives up when the signal says that nobody waits any more. */
  read(path: string, span?: ByteSpan, signal?: AbortSignal): Promise<Received>;
}

/** Files on a web host, by addresses relative to the manifest. */
export class WebSource implements Source {
  constructor(
    private readonly base: URL,
    private readonly sizes: ReadonlyMap<string, number>,
  ) {}

  async read(path: string, span?: ByteSpan, signal?: AbortSignal): Promise<Received> {
    try {
      return await this.fetch(path, span, signal);
    } catch (error) {
      if (error instanceof AtlasError || signal?.aborted) throw error;
      // Browsers refuse a part that a host has compressed unasked, but take the whole.
      const isSmall = (this.sizes.get(path) ?? Number.POSITIVE_INFINITY) <= WHOLE_LIMIT_BYTES;
      const whole = span && isSmall ? await this.fetch(path, undefined, signal).catch(() => null) : null;
      if (whole) return whole;
      throw new AtlasError(
        `${path} could not be fetched.`,
        "Check that the server is still running, and that it sends the file itself, not from another site; then reload the page.",
      );
    }
  }

  private async fetch(path: string, span?: ByteSpan, signal?: AbortSignal): Promise<Received> {
    const headers = span ? { Range: `bytes=${span.offset}-${span.offset + span.length - 1}` } : undefined;
    const response = await fetch(new URL(path, this.base), { ...(headers && { headers }), ...(signal && { signal }) });
    if (!response.ok) throw missing(path, response.status);
    const isPart = response.status === 206;
    if (span && !isPart) this.refuseLarge(path, response);
    return { bytes: new Uint8Array(await response.arrayBuffer()), isPart };
  }

  private refuseLarge(path: string, response: Response): void {
    const size = this.sizes.get(path) ?? Number(response.headers.get("content-length") ?? 0);
    if (size <= WHOLE_LIMIT_BYTES) return;
    void response.body?.cancel();
    throw new AtlasError(`This host ignores Range requests, and ${path} is too large to read whole.`, HOST_ADVICE);
  }
}

function missing(path: string, status: number): AtlasError {
  const advice =
    status === 404 ? "The atlas may be half copied: copy the whole folder again." : "Check the server, then reload the page.";
  return new AtlasError(`${path} is missing on this host (status ${status}).`, advice);
}
