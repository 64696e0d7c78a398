import { AtlasError } from "./errors";

/** Asks the server of this page which items of a set hold some words; a new question ends the one before, the same one joins it. */
export function servedSearch(setId: string): (query: string) => Promise<Uint32Array> {
  let asking: AbortController | undefined;
  let last: { query: string; answer: Promise<Uint32Array> } | undefined;
  const ask = async (query: string) => {
    asking?.abort();
    asking = new AbortController();
    const url = new URL("api/search", new URL("./", document.baseURI));
    url.searchParams.set("set", setId);
    url.searchParams.set("words", query);
    const response = await fetch(url, { signal: asking.signal }).catch(() => null);
    if (!response) throw new AtlasError("The server does not answer.", "Start it again with `vista serve`.");
    if (!response.ok) {
      const said = (await response.json().catch(() => null)) as { error?: string } | null;
      throw new AtlasError(said?.error ?? `The server cannot say (status ${response.status}).`, "See what `vista serve` prints.");
    }
    return itemsFrom(await response.arrayBuffer());
  };
  return (query) => {
    if (last?.query !== query) {
      const answer = ask(query);
      last = { query, answer };
      answer.catch(() => {
        if (last?.answer === answer) last = undefined;
      });
    }
    return last!.answer;
  };
}

/** Reads little-endian numbers of four bytes, on any machine. */
export function itemsFrom(bytes: ArrayBuffer): Uint32Array {
  const view = new DataView(bytes);
  return Uint32Array.from({ length: bytes.byteLength >> 2 }, (_, place) => view.getUint32(4 * place, true));
}
