import { search, type Titles } from "./titles";

/** Finds items by the words of their texts, and says what to call them in a list. */
export interface Searcher {
  search(query: string): Promise<Uint32Array>;
  textOf(item: number): Promise<string>;
}

/** Searches texts that are all here: any part of a word is found, nearly exact texts come first. */
export function titlesSearcher(titles: Titles, nItems: number): Searcher {
  return {
    search: async (query) => search(titles, query, nItems),
    textOf: async (item) => titles.lines[item] ?? "",
  };
}
