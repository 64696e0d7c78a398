import { afterEach, expect, test, vi } from "vitest";
import { servedSearch } from "./served-search";

afterEach(() => vi.unstubAllGlobals());

/** A server that holds its answers back until it is told to give them. */
function serve() {
  const asked: { url: URL; answer: (items: number[]) => void; signal: AbortSignal }[] = [];
  vi.stubGlobal("document", { baseURI: "http://host/some/" });
  vi.stubGlobal("fetch", (url: URL, { signal }: { signal: AbortSignal }) => {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")));
      asked.push({ url, signal, answer: (items) => resolve(new Response(Uint32Array.from(items).buffer)) });
    });
  });
  return asked;
}

test("a question that is asked twice at once is put to the server once", async () => {
  const asked = serve();
  const search = servedSearch("main");
  const answers = [search("river bank"), search("river bank")];
  expect(asked.map(({ url }) => url.href)).toEqual(["http://host/some/api/search?set=main&words=river+bank"]);
  asked[0]!.answer([3, 70_000]);
  expect((await Promise.all(answers)).map((found) => [...found])).toEqual([
    [3, 70_000],
    [3, 70_000],
  ]);
});

test("a new question ends the one before, which can be asked again", async () => {
  const asked = serve();
  const search = servedSearch("main");
  const first = search("river");
  first.catch(() => {});
  const second = search("rivers");
  await expect(first).rejects.toThrow("does not answer");
  asked[1]!.answer([1]);
  expect([...(await second)]).toEqual([1]);
  void search("river");
  expect(asked).toHaveLength(3);
});
