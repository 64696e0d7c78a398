import { ACTIVATION, NO_ROW } from "./columns";
import type { MapData } from "./map-data";
import type { Card } from "./model";
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
  valuesOf: (card: Card, row: number) => CellValue[];
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
  const { rowOf } = await data.positions();
  const rows = (async function* () {
    for await (const some of cards) yield some.map((card) => columns.valuesOf(card, rowOf[card.item] ?? NO_ROW));
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
  const isJudged = Boolean(map.points.trustFalse && map.points.trustMissing);
  const [{ xy }, regions, wrong, missing] = await Promise.all([
    data.positions(),
    data.regions(),
    isJudged ? data.trust("false") : null,
    isJudged ? data.trust("missing") : null,
  ]);
  const codes = await Promise.all(regions.map((_, level) => data.regionCodes(level)));
  const known = codes.flatMap((level, at) => (level ? [{ level: at, codes: level }] : []));
  const activation = (map.latent ?? map.activation) && map.colors.find(({ name }) => name === ACTIVATION);
  const activations = activation ? await data.colorValues(activation) : null;
  const users = set.columns.map(({ name }) => name);
  const share = (shares: Uint8Array | null, row: number) => shares && Number((shares[row]! / 255).toPrecision(4));
  return {
    names: [
      ...["item_id", "source_row", "x", "y", "text"],
      ...known.map(({ level }) => `region_${level}`),
      ...["trust_false", "trust_missing"],
      ...(activations ? [ACTIVATION] : []),
      ...users,
    ],
    types: [
      ...(["STRING", "INT64", "FLOAT", "FLOAT", "STRING"] as const),
      ...known.map(() => "STRING" as const),
      ...(["FLOAT", "FLOAT"] as const),
      ...(activations ? (["FLOAT"] as const) : []),
      ...set.columns.map(({ type }) => typeOf(type)),
    ],
    valuesOf: (card, row) => {
      const values = new Map(card.columns);
      return [
        ...[card.id, card.sourceRow, xy[row * 2], xy[row * 2 + 1], card.text],
        ...known.map(({ level, codes: of }) => regions[level]![of[row]!]?.name ?? ""),
        ...[share(wrong, row), share(missing, row)],
        ...(activations ? [Number.isNaN(activations[row]!) ? null : activations[row]] : []),
        ...users.map((name) => values.get(name)),
      ];
    },
  };
}
