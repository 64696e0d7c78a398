import { gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import { AtlasFiles } from "./files";
import { WebSource } from "./source";

const CONTENT = Uint8Array.from({ length: 400_000 }, (_, index) => index % 251);
const SIZES = new Map([["big.bin", CONTENT.length]]);
const BASE = new URL("http://atlas.test/sub/");

afterEach(() => vi.unstubAllGlobals());

function filesWith(sizes: ReadonlyMap<string, number> = SIZES, onNotice?: (text: string) => void): AtlasFiles {
  return new AtlasFiles(new WebSource(BASE, sizes), sizes, onNotice);
}

/** A host that answers as told and remembers what it was asked for. */
function host(answer: (range: string | null) => Response): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: URL, options: { headers?: Record<string, string> } = {}) => {
    const range = options.headers?.Range ?? null;
    asked.push(`${url} ${range ?? "whole"}`);
    return answer(range);
  });
  return asked;
}

function ranged(range: string | null): Response {
  const [first = 0, last = CONTENT.length - 1] = range?.match(/\d+/g)?.map(Number) ?? [];
  return new Response(CONTENT.slice(first, last + 1), { status: range ? 206 : 200 });
}

test("spans that are asked for together come in one Range request, relative to the manifest", async () => {
  const asked = host(ranged);
  const files = filesWith();
  const [first, second] = await Promise.all([files.span("big.bin", 10, 5), files.span("big.bin", 20, 4)]);
  expect([...first]).toEqual([10, 11, 12, 13, 14]);
  expect([...second]).toEqual([20, 21, 22, 23]);
  expect(asked).toEqual(["http://atlas.test/sub/big.bin bytes=10-23"]);
});

test("a host that ignores Range is asked once, believed, and noticed", async () => {
  const asked = host(() => new Response(CONTENT.slice(), { status: 200 }));
  const notices: string[] = [];
  const files = filesWith(SIZES, (text) => notices.push(text));
  expect([...(await files.span("big.bin", 1000, 2))]).toEqual([1000 % 251, 1001 % 251]);
  expect([...(await files.span("big.bin", 5, 1))]).toEqual([5]);
  expect(asked).toHaveLength(1);
  expect(notices).toEqual([expect.stringContaining("ignores Range")]);
});

test("a large file on a host that ignores Range is refused with advice", async () => {
  host(() => new Response(CONTENT.slice(), { status: 200 }));
  const files = filesWith(new Map([["big.bin", 60_000_000]]));
  await expect(files.span("big.bin", 0, 10)).rejects.toMatchObject({ advice: expect.stringContaining("vista serve") });
});

test("a host that sends too few bytes is refused", async () => {
  host(() => new Response(CONTENT.slice(0, 3), { status: 206 }));
  await expect(filesWith().span("big.bin", 0, 10)).rejects.toThrow("3 of 10 bytes");
});

test("where a file is cut off, what lies before the cut is read all the same", async () => {
  host(() => new Response(CONTENT.slice(10, 18), { status: 206 }));
  const files = filesWith();
  const [whole, cut] = await Promise.allSettled([files.span("big.bin", 10, 5), files.span("big.bin", 15, 5)]);
  expect(whole).toMatchObject({ status: "fulfilled" });
  expect(cut).toMatchObject({ status: "rejected", reason: { message: expect.stringContaining("3 of 5 bytes") } });
});

test("a missing file is named", async () => {
  host(() => new Response(null, { status: 404 }));
  await expect(filesWith().readJson("maps/main/labels.json")).rejects.toThrow("maps/main/labels.json is missing");
});

test("gzip is inflated, and what a host has inflated already is accepted", async () => {
  const json = new TextEncoder().encode('{"a": 1}');
  for (const body of [gzipSync(json), json]) {
    host(() => new Response(body, { status: 200 }));
    expect(await filesWith().readJson("a.json")).toEqual({ a: 1 });
  }
});

test("a request is given up when nobody wants any part of it, and not before", async () => {
  const signals: AbortSignal[] = [];
  vi.stubGlobal("fetch", (_url: URL, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const files = filesWith();
  const [one, other] = [new AbortController(), new AbortController()];
  const spans = [files.span("big.bin", 0, 5, one.signal), files.span("big.bin", 5, 5, other.signal)];
  const ended = Promise.allSettled(spans);
  await vi.waitFor(() => expect(signals).toHaveLength(1));
  one.abort();
  expect(signals[0]!.aborted).toBe(false);
  other.abort();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(spans[0]).rejects.toMatchObject({ name: "AbortError" });
});

test("a file whose parts cannot be had comes whole, and one whose whole cannot be had either is named", async () => {
  const asked = host((range) => {
    if (range) throw new TypeError("network error");
    return new Response(CONTENT.slice(), { status: 200 });
  });
  expect([...(await filesWith().span("big.bin", 1000, 2))]).toEqual([1000 % 251, 1001 % 251]);
  expect(asked.map((one) => one.split(" ")[1])).toEqual(["bytes=1000-1001", "whole"]);
  host(() => {
    throw new TypeError("network error");
  });
  await expect(filesWith().span("big.bin", 1000, 2)).rejects.toThrow("big.bin could not be fetched");
});
