import { afterEach, expect, test, vi } from "vitest";
import { AtlasFiles } from "./files";
import { ItemsData } from "./items-data";
import { WebSource } from "./source";

const IDS = [0, 1, 5, 8, 13, 40];
const SET = {
  id: "latents",
  nItems: IDS.length,
  cards: { data: "cards.bin", index: "cards.idx", itemsPerBlock: 1 },
  titles: null,
  search: null,
  isSearchServed: false,
  pictures: null,
  neighbors: null,
  columns: [],
};

afterEach(() => vi.unstubAllGlobals());

/** A host that holds the cards of items whose ids ascend with gaps. */
function items(): ItemsData {
  const blocks = IDS.map((id, item) => new TextEncoder().encode(JSON.stringify([{ item, id: String(id), text: null }])));
  const index = new Uint8Array(Uint32Array.from(blocks, (block) => block.length).buffer);
  const data = new Uint8Array(blocks.flatMap((block) => [...block]));
  vi.stubGlobal("fetch", async (url: URL) => new Response(url.pathname.endsWith(".idx") ? index : data));
  const sizes = new Map([["cards.bin", data.length]]);
  return new ItemsData(SET, new AtlasFiles(new WebSource(new URL("http://atlas.test/"), sizes), sizes));
}

test("an item is found by its number, and there is none for a number in a gap or beyond", async () => {
  const known = items();
  for (const [item, id] of IDS.entries()) expect(await known.itemOfNumber(id), `id ${id}`).toBe(item);
  for (const id of [2, 9, 39, 41, 1e9]) expect(await known.itemOfNumber(id), `id ${id}`).toBeNull();
});
