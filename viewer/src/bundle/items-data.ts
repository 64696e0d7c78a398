import type { CardEntry } from "../contract/parts";
import { Blocks } from "./blocks";
import type { AtlasFiles } from "./files";
import { cardFrom } from "./manifest";
import type { Card, ItemSet } from "./model";
import { bitmapOf } from "./pictures";
import { type Searcher, titlesSearcher } from "./searcher";
import { servedSearch } from "./served-search";
import { type Titles, titlesFrom } from "./titles";
import { WordIndex } from "./word-index";

const PICTURES_BUDGET = 800;
/** Blocks of cards that are kept: who wanders over a large map meets many. */
const CARDS_BUDGET = 1_000;

/** The items of a set, read when they are first asked for; all maps of the set share them. */
export class ItemsData {
  private readonly cardBlocks: Blocks;
  private readonly pictureBlocks: Blocks | null;
  private readonly cards = new Map<number, Promise<Card[]>>();
  private readonly pictures = new Map<number, Promise<ImageBitmap | null>>();
  private reading: Promise<Searcher> | null = null;
  private texts: Promise<Titles> | null = null;

  constructor(
    readonly set: ItemSet,
    private readonly files: AtlasFiles,
  ) {
    const { cards, pictures } = set;
    this.cardBlocks = new Blocks(files, cards.data, cards.index);
    this.pictureBlocks = pictures && new Blocks(files, pictures.data, pictures.index);
  }

  /** The cards of a block, read anew and not kept: for reading many once. */
  async cardsOfBlock(block: number): Promise<Card[]> {
    return (JSON.parse((await this.cardBlocks.readText(block)) ?? "[]") as CardEntry[]).map(cardFrom);
  }

  async card(item: number): Promise<Card | null> {
    const { itemsPerBlock } = this.set.cards;
    const block = Math.floor(item / itemsPerBlock);
    let cards = this.cards.get(block);
    if (!cards) {
      cards = this.cardsOfBlock(block);
      cards.catch(() => this.cards.delete(block));
      const oldest = this.cards.keys().next();
      if (this.cards.size >= CARDS_BUDGET && !oldest.done) this.cards.delete(oldest.value);
      this.cards.set(block, cards);
    }
    return (await cards)[item % itemsPerBlock] ?? null;
  }

  /** The picture of an item: its own, or the one that its card names; null where there is none. */
  async pictureOf(item: number): Promise<ImageBitmap | null> {
    const block = await this.pictureBlockOf(item);
    return block === null ? null : this.picture(block);
  }

  /** The texts themselves, one an item; null where there are none, or too many to be loaded. */
  titles(): Promise<Titles | null> {
    const { titles } = this.set;
    if (!titles) return Promise.resolve(null);
    this.texts ??= this.files.readInflated(titles).then(titlesFrom);
    this.texts.catch(() => (this.texts = null));
    return this.texts;
  }

  /** What finds items by their texts; null where they have none, or too many. */
  searcher(): Promise<Searcher | null> {
    const { id, titles, search, isSearchServed, nItems } = this.set;
    const textOf = async (item: number) => (await this.card(item))?.text ?? "";
    if (search) {
      const index = new WordIndex(this.files, search, nItems);
      this.reading ??= Promise.resolve({ search: (query) => index.search(query), textOf });
    } else if (titles) {
      this.reading ??= this.titles().then((texts) => titlesSearcher(texts!, nItems));
    } else if (isSearchServed) {
      this.reading ??= Promise.resolve({ search: servedSearch(id), textOf });
    } else return Promise.resolve(null);
    this.reading.catch(() => (this.reading = null));
    return this.reading;
  }

  /** The item that an id of ascending numbers belongs to; null where no item has it. */
  async itemOfNumber(id: number): Promise<number | null> {
    let low = 0;
    let high = Math.min(this.set.nItems - 1, id); // distinct ids from 0 on stand no later than their own number
    let middle = high; // where a set has it that leaves none out
    while (low <= high) {
      const found = Number((await this.card(middle))?.id);
      if (found === id) return middle;
      if (!(found < id)) high = middle - 1;
      else low = middle + 1;
      middle = (low + high) >> 1;
    }
    return null;
  }

  private async pictureBlockOf(item: number): Promise<number | null> {
    if (!this.set.pictures) return null;
    if (this.set.pictures.of === "item") return item;
    return (await this.card(item))?.picture ?? null;
  }

  private picture(block: number): Promise<ImageBitmap | null> {
    let picture = this.pictures.get(block);
    if (!picture) {
      picture = this.pictureBlocks!.read(block).then((bytes) => bytes && bitmapOf(bytes));
      picture.catch(() => this.pictures.delete(block));
      const oldest = this.pictures.keys().next();
      if (this.pictures.size >= PICTURES_BUDGET && !oldest.done) this.pictures.delete(oldest.value);
    }
    this.pictures.delete(block);
    this.pictures.set(block, picture);
    return picture;
  }
}
