/** A value of a cell: what a card holds of a column. */
export type CellValue = unknown;

/** A spreadsheet would take a text that begins so for a formula, and follow it. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * A line of comma-separated values (RFC 4180), with its line break.
 *
 * A text that a spreadsheet would follow as a formula gets an apostrophe in front, which spreadsheets do not show; numbers stay numbers.
 */
export function csvLine(values: readonly CellValue[]): string {
  return `${values.map(csvField).join(",")}\r\n`;
}

function csvField(value: CellValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row as a JSON object on a line of its own. */
export function jsonLine(names: readonly string[], values: readonly CellValue[]): string {
  return JSON.stringify(Object.fromEntries(names.map((name, at) => [name, values[at] ?? null])));
}
