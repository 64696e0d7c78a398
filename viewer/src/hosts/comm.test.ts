import { afterEach, expect, test, vi } from "vitest";
import { CommSource, type WidgetModel } from "./comm";

afterEach(() => vi.useRealTimers());

interface Question {
  kind: string;
  request: number;
  path: string;
  offset?: number;
  length?: number;
}

/** A model without a kernel: it remembers questions, and answers when it is told to. */
function model() {
  const listeners = new Set<(...args: never[]) => void>();
  const asked: Question[] = [];
  const fake: WidgetModel = {
    get: () => undefined,
    set: () => {},
    save_changes: () => {},
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    send: (content) => asked.push(content as Question),
  };
  const answer = (content: unknown, ...buffers: Uint8Array[]) => {
    const views = buffers.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    for (const listener of listeners) (listener as (content: unknown, buffers: DataView[]) => void)(content, views);
  };
  return { fake, asked, answer, listeners };
}

test("answers find their questions, whatever their order, as copies of just their bytes", async () => {
  const { fake, asked, answer } = model();
  const source = new CommSource(fake, () => {});
  const one = source.read("a.bin", { offset: 10, length: 2 });
  const other = source.read("atlas.json");
  expect(asked.map(({ kind, path, offset, length }) => [kind, path, offset, length])).toEqual([
    ["read", "a.bin", 10, 2],
    ["read", "atlas.json", undefined, undefined],
  ]);
  answer({ kind: "bytes", request: asked[1]!.request }, new Uint8Array([9]));
  answer({ kind: "bytes", request: asked[0]!.request }, new Uint8Array([0, 1, 2, 3]).subarray(1, 3));
  answer({ kind: "bytes", request: 1e9 }, new Uint8Array([5]));
  const received = await one;
  expect([...received.bytes]).toEqual([1, 2]);
  expect(received.bytes.buffer.byteLength).toBe(2);
  expect([...(await other).bytes]).toEqual([9]);
});

test("what the kernel cannot read is said in its own words", async () => {
  const { fake, asked, answer } = model();
  const reading = new CommSource(fake, () => {}).read("gone.bin");
  answer({ kind: "error", request: asked[0]!.request, message: "gone.bin cannot be read" });
  await expect(reading).rejects.toThrow("gone.bin cannot be read");
});

test("few questions wait at a time, and each answer lets the next one go", async () => {
  const { fake, asked, answer } = model();
  const source = new CommSource(fake, () => {});
  const readings = Array.from({ length: 20 }, (_, index) => source.read(`${index}.bin`));
  await Promise.resolve();
  expect(asked.length).toBe(8);
  for (let next = 0; next < 20; next++) {
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(next));
    answer({ kind: "bytes", request: asked[next]!.request }, new Uint8Array([next]));
  }
  expect((await Promise.all(readings)).map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test("a kernel that does not answer for a while is noticed, and forgiven when it does", async () => {
  vi.useFakeTimers();
  const { fake, asked, answer } = model();
  const said: boolean[] = [];
  const reading = new CommSource(fake, (isSlow) => said.push(isSlow)).read("a.bin");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([true]);
  answer({ kind: "bytes", request: asked[0]!.request }, new Uint8Array([1]));
  await reading;
  expect(said.at(-1)).toBe(false);
});

test("a map that is closed waits for nothing and hears nothing more", async () => {
  const { fake, listeners } = model();
  const source = new CommSource(fake, () => {});
  const reading = source.read("a.bin");
  source.end();
  await expect(reading).rejects.toThrow("closed");
  expect(listeners.size).toBe(0);
});
