import { ACTIVATION, activationColumn } from "./columns";
import { rowsInOrder } from "./item-rows";
import type { MapData } from "./map-data";
import type { Card, Region } from "./model";
import { type RowValues, rowValues } from "./row-values";
import { type CellValue, csvLine, jsonLine } from "./table-text";

export const FORMS = ["csv", "parquet", "json", "ids"] as const;
export type Form = (typeof FORMS)[number];

const TYPES: Record<Form, string> = {
  csv: "text/csv;charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  json: "application/json;charset=utf-8",
  ids: "text/plain;charset=utf-8",
};
/** Blocks of cards that are asked for at once: neighbors in the file come in one request. */
const BLOCKS_AT_ONCE = 48;
const ROWS_PER_GROUP = 25_000;

type ParquetType = "STRING" | "INT64" | "DOUBLE" | "FLOAT" | "BOOLEAN";

/** What the items of a table have in common: its columns, and where their values come from. */
interface Columns {
  names: string[];
  types: ParquetType[];
  /** The values of the card that stands at a place among some rows. */
  valuesOf: (card: Card, rows: RowValues, at: number) => CellValue[];
}

/**
 * Writes items, which come in ascending order, as a file to take away; their cards are read a few blocks at a time.
 *
 * The columns are those of `AtlasMap.items()`. Stops with an `AbortError` when the signal says so.
 */
export async function tableOf(
  data: MapData,
  items: Uint32Array,
  form: Form,
  onProgress: (nDone: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const cards = told(cardsOf(data, items, signal), onProgress);
  const parts = form === "ids" ? await idParts(cards) : await tableParts(data, cards, form);
  return new Blob(parts, { type: TYPES[form] });
}

async function* told(cards: AsyncIterable<Card[]>, onProgress: (nDone: number) => void): AsyncGenerator<Card[]> {
  let nDone = 0;
  for await (const some of cards) {
    yield some;
    nDone += some.length;
    onProgress(nDone);
  }
}

async function idParts(cards: AsyncIterable<Card[]>): Promise<BlobPart[]> {
  const parts: string[] = [];
  for await (const some of cards) parts.push(some.map(({ id }) => `${id}\n`).join(""));
  return parts;
}

async function tableParts(data: MapData, cards: AsyncIterable<Card[]>, form: Exclude<Form, "ids">): Promise<BlobPart[]> {
  const columns = await columnsOf(data);
  const rows = (async function* () {
    for await (const some of cards) {
      const shown = await rowsInOrder(
        data,
        some.map(({ item }) => item),
      );
      const values = await rowValues(data, shown);
      yield some.map((card, at) => columns.valuesOf(card, values, at));
    }
  })();
  if (form === "parquet") return parquetParts(columns, rows);
  return form === "csv" ? csvParts(columns, rows) : jsonParts(columns, rows);
}

async function csvParts({ names }: Columns, rows: AsyncIterable<CellValue[][]>): Promise<BlobPart[]> {
  const parts = ["\ufeff", csvLine(names)]; // the mark lets spreadsheets see that it is UTF-8
  for await (const some of rows) parts.push(some.map(csvLine).join(""));
  return parts;
}

async function jsonParts({ names }: Columns, rows: AsyncIterable<CellValue[][]>): Promise<BlobPart[]> {
  const parts: string[] = [];
  for await (const some of rows)
    parts.push(parts.length > 0 ? ",\n" : "[\n", some.map((values) => jsonLine(names, values)).join(",\n"));
  return [...parts, parts.length > 0 ? "\n]\n" : "[]\n"];
}

/** The writer is fetched only when somebody wants this form. */
async function parquetParts({ names, types }: Columns, rows: AsyncIterable<CellValue[][]>): Promise<BlobPart[]> {
  const { ByteWriter, parquetWriteRows } = await import("hyparquet-writer");
  const writer = new ByteWriter();
  const objects = (async function* () {
    for await (const some of rows) {
      for (const values of some) yield Object.fromEntries(names.map((name, at) => [name, parquetValue(values[at], types[at]!)]));
    }
  })();
  const columns = names.map((name, at) => ({ name, type: types[at]! }));
  await parquetWriteRows({ writer, rows: objects, columns, rowGroupSize: ROWS_PER_GROUP });
  return [writer.getBuffer()];
}

function parquetValue(value: CellValue, type: ParquetType): CellValue {
  if (value === null || value === undefined) return null;
  if (type === "STRING") return typeof value === "string" ? value : JSON.stringify(value);
  if (type === "INT64") return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : null;
  return value;
}

/** The type of a user's column, by its name in Arrow; dates and what is composed are told as text. */
function typeOf(arrow: string): ParquetType {
  if (/^u?int\d+$/.test(arrow)) return "INT64";
  if (/^(half_?float|float|double)/.test(arrow)) return "DOUBLE";
  return arrow === "bool" ? "BOOLEAN" : "STRING";
}

/** The cards of items in ascending order. */
async function* cardsOf(data: MapData, items: Uint32Array, signal: AbortSignal): AsyncGenerator<Card[]> {
  const { itemsPerBlock } = data.set.cards;
  for (let start = 0; start < items.length; ) {
    signal.throwIfAborted();
    const byBlock = new Map<number, number[]>();
    while (start < items.length) {
      const item = items[start]!;
      const block = Math.floor(item / itemsPerBlock);
      if (!byBlock.has(block) && byBlock.size === BLOCKS_AT_ONCE) break;
      byBlock.set(block, [...(byBlock.get(block) ?? []), item]);
      start++;
    }
    const read = [...byBlock].map(async ([block, wanted]) => {
      const cards = await data.items.cardsOfBlock(block);
      return wanted.flatMap((item) => cards[item % itemsPerBlock] ?? []);
    });
    yield (await Promise.all(read)).flat();
  }
}

async function columnsOf(data: MapData): Promise<Columns> {
  const { map, set } = data;
  const regions = map.points.region === null ? [] : await data.regions();
  const hasActivation = activationColumn(data.map) !== undefined;
  const users = set.columns.map(({ name }) => name);
  const share = (shares: Uint8Array | null, at: number) => shares && Number((shares[at]! / 255).toPrecision(4));
  return {
    names: [
      ...["item_id", "source_row", "x", "y", "text"],
      ...regions.map((_, level) => `region_${level}`),
      ...["trust_false", "trust_missing"],
      ...(hasActivation ? [ACTIVATION] : []),
      ...users,
    ],
    types: [
      ...(["STRING", "INT64", "FLOAT", "FLOAT", "STRING"] as const),
      ...regions.map(() => "STRING" as const),
      ...(["FLOAT", "FLOAT"] as const),
      ...(hasActivation ? (["FLOAT"] as const) : []),
      ...set.columns.map(({ type }) => typeOf(type)),
    ],
    valuesOf: (card, { xy, regions: codes, wrong, missing, activations }, at) => {
      const values = new Map(card.columns);
      return [
        ...[card.id, card.sourceRow, xy[at * 2], xy[at * 2 + 1], card.text],
        ...regionNames(regions, codes?.[at] ?? 0),
        ...[share(wrong, at), share(missing, at)],
        ...(activations ? [Number.isNaN(activations[at]!) ? null : activations[at]] : []),
        ...users.map((name) => values.get(name)),
      ];
    },
  };
}

/** The names of the regions that a region of the finest level lies in, the coarsest first, and its own. */
function regionNames(levels: readonly Region[][], finest: number): string[] {
  const names: string[] = [];
  let region = finest;
  for (const level of [...levels].reverse()) {
    const found = level[region];
    names.unshift(found?.name ?? "");
    region = found?.parent ?? 0;
  }
  return names;
}
