import type { Polygon } from "../bundle/inside";
import { type Filters, filterFrom, filterToken } from "./filters";

/** What a step of selecting is about, in words that an address can hold and any visit can follow. */
export type Target =
  | { kind: "shape"; corners: Polygon }
  | { kind: "region"; level: number; region: number }
  | { kind: "items"; items: readonly number[] }
  | { kind: "found"; query: string }
  | { kind: "kept"; filters: Filters }
  | { kind: "all" };

/** Whether what is aimed at becomes the selection, joins it, leaves it, or changes sides. */
export type How = "set" | "add" | "less" | "flip";

export interface Act {
  how: How;
  target: Target;
}

const SIGNS: Record<How, string> = { set: "", add: "add_", less: "less_", flip: "flip_" };
/** Items that an address can name. */
export const MOST_IDS = 200;
const LONGEST = 1_500;

/** The steps that are left of those before once another follows; what sets the selection anew needs none before it. */
export function followed(acts: readonly Act[], act: Act): readonly Act[] {
  if (act.how === "set" || (act.how === "add" && acts.length === 0)) return [{ ...act, how: "set" }];
  const last = acts.at(-1);
  const joined = last && joinedItems(last, act);
  return joined ? [...acts.slice(0, -1), joined] : [...acts, act];
}

/** Items that are added, or taken away, one after another are one step of the address; null for any other two. */
function joinedItems(before: Act, after: Act): Act | null {
  const isAlike = before.how === after.how || (before.how === "set" && after.how === "add");
  const [one, other] = [before.target, after.target];
  if (!isAlike || before.how === "flip" || one.kind !== "items" || other.kind !== "items") return null;
  return { how: before.how, target: { kind: "items", items: [...new Set([...one.items, ...other.items])] } };
}

/** Steps as they stand in the address; null where they are too long for one. */
export function actTokens(acts: readonly Act[]): string[] | null {
  const tokens = acts.map((act) => `${SIGNS[act.how]}${targetToken(act.target)}`);
  const nIds = acts.reduce((sum, { target }) => sum + (target.kind === "items" ? target.items.length : 0), 0);
  return nIds <= MOST_IDS && tokens.join("").length <= LONGEST ? tokens : null;
}

function targetToken(target: Target): string {
  if (target.kind === "shape") return `shape_${target.corners.flatMap(({ x, y }) => [short(x), short(y)]).join("_")}`;
  if (target.kind === "region") return `region_${target.level}_${target.region}`;
  if (target.kind === "items") return `items_${target.items.join("_")}`;
  if (target.kind === "found") return `found_${target.query}`;
  if (target.kind === "all") return "all_";
  return `kept_${[...target.filters].map(([name, filter]) => encodeURIComponent(filterToken(name, filter))).join("&")}`;
}

/** Reads what `actTokens` wrote; null where it is no step. */
export function actFrom(token: string): Act | null {
  const [, how, kind, said] = /^(add_|less_|flip_)?(shape|region|items|found|kept|all)_(.*)$/s.exec(token) ?? [];
  const target = kind === undefined ? null : targetFrom(kind, said!);
  return target && { how: (how?.slice(0, -1) ?? "set") as How, target };
}

function targetFrom(kind: string, said: string): Target | null {
  const numbers = said.split("_").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const areCounts = numbers.every((one) => Number.isInteger(one) && one >= 0);
  if (kind === "all") return { kind: "all" };
  if (kind === "found") return said.trim() === "" ? null : { kind: "found", query: said };
  if (kind === "region") {
    const [level, region] = numbers;
    return areCounts && numbers.length === 2 ? { kind: "region", level: level!, region: region! } : null;
  }
  if (kind === "items") return areCounts && numbers.length <= MOST_IDS ? { kind: "items", items: numbers } : null;
  if (kind === "kept") {
    const filters = said.split("&").map((one) => filterFrom(decoded(one)));
    return filters.every((one) => one !== null) ? { kind: "kept", filters: new Map(filters) } : null;
  }
  if (!numbers.every(Number.isFinite) || numbers.length % 2 === 1 || numbers.length < 6) return null;
  return { kind: "shape", corners: numbers.flatMap((x, at) => (at % 2 === 0 ? [{ x, y: numbers[at + 1]! }] : [])) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
