import { ACTIVATION, NO_ROW } from "./columns";
import type { MapData } from "./map-data";
import type { Card } from "./model";
import { type CellValue, csvLine, jsonLine } from "./table-text";

export const FORMS = ["csv", "json", "ids"] as const;
export type Form = (typeof FORMS)[number];

const TYPES: Record<Form, string> = { csv: "text/csv", json: "application/json", ids: "text/plain" };
/** Blocks of cards that are asked for at once: neighbors in the file come in one request. */
const BLOCKS_AT_ONCE = 48;

/** What the items of a table have in common: its columns, and where their values come from. */
interface Columns {
  names: string[];
  valuesOf: (card: Card, row: number) => CellValue[];
}

/**
 * Writes items as a file to take away, in source order; their cards are read a few blocks at a time.
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
  const ordered = items.slice().sort();
  const { rowOf } = await data.positions();
  const columns = form === "ids" ? null : await columnsOf(data);
  const parts: string[] = [];
  if (columns && form === "csv") parts.push("\ufeff", csvLine(columns.names)); // the mark lets spreadsheets see that it is UTF-8
  let nDone = 0;
  for await (const cards of cardsOf(data, ordered, signal)) {
    const lines = cards.map((card) => {
      if (!columns) return `${card.id}\n`;
      const values = columns.valuesOf(card, rowOf[card.item] ?? NO_ROW);
      return form === "csv" ? csvLine(values) : jsonLine(columns.names, values);
    });
    if (form === "json") parts.push(nDone > 0 ? ",\n" : "[\n", lines.join(",\n"));
    else parts.push(lines.join(""));
    nDone += cards.length;
    onProgress(nDone);
  }
  if (form === "json") parts.push(nDone > 0 ? "\n]\n" : "[]\n");
  return new Blob(parts, { type: `${TYPES[form]};charset=utf-8` });
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
  const [{ xy }, regions, wrong, missing] = await Promise.all([
    data.positions(),
    data.regions(),
    data.trust("false"),
    data.trust("missing"),
  ]);
  const codes = await Promise.all(regions.map((_, level) => data.regionCodes(level)));
  const known = codes.flatMap((level, at) => (level ? [{ level: at, codes: level }] : []));
  const activation = (map.latent ?? map.activation) && map.colors.find(({ name }) => name === ACTIVATION);
  const activations = activation ? await data.colorValues(activation) : null;
  const users = set.columns.map(({ name }) => name);
  const share = (shares: Uint8Array, row: number) => Number((shares[row]! / 255).toPrecision(4));
  return {
    names: [
      ...["item_id", "source_row", "x", "y", "text"],
      ...known.map(({ level }) => `region_${level}`),
      ...["trust_false", "trust_missing"],
      ...(activations ? [ACTIVATION] : []),
      ...users,
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
