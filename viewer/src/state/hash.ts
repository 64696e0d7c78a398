import { type Act, actFrom, actTokens } from "./acts";
import type { Camera } from "./camera";
import { type Filters, filterFrom, filterToken } from "./filters";

export const LAYERS = ["collage", "points", "labels", "ground", "terrain", "lines"] as const;
export type LayerName = (typeof LAYERS)[number];
export type FidelityLayer = "none" | "false" | "missing";
export type Theme = "system" | "light" | "dark";

/** What can stand at the right of the map. */
export const PANELS = ["regions", "filters", "selection", "probe", "card"] as const;
export type PanelName = (typeof PANELS)[number];

/** A region by its level, the coarsest 0, and its number there. */
export interface RegionId {
  level: number;
  region: number;
}

/** What the part after "#" in the address says; every key may be absent. */
export interface HashState {
  /** The gallery of all maps, how it is sorted, and the words that its maps must have. */
  gallery?: true;
  sort?: string;
  find?: string;
  map?: string;
  /** A map of the same items that is looked at beside it, and whether the two move each for itself. */
  beside?: string;
  isFree?: true;
  camera?: Camera;
  layers?: LayerName[];
  fidelity?: FidelityLayer;
  color?: string;
  item?: number;
  /** The region whose card is open. */
  region?: RegionId;
  /** What is open at the right, what is seen of it last; and what stands at the left in place of the map's own panel. */
  panels?: readonly PanelName[];
  left?: "fidelity" | "none";
  query?: string;
  filters?: Filters;
  /** The steps that lead to the selection. */
  selection?: readonly Act[];
  /** Whether the latent's strongest items are marked. */
  marksTop?: true;
  theme?: Theme;
}

/** Reads the address; what is not valid is left out. */
export function readHash(hash: string): HashState {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const state: HashState = {};
  const camera = cameraFrom(fields.get("c"));
  if (camera) state.camera = camera;
  const layers = fields.get("layers");
  if (layers !== null) state.layers = LAYERS.filter((name) => layers.split(",").includes(name));
  const fidelity = fields.get("fidelity");
  if (fidelity === "false" || fidelity === "missing") state.fidelity = fidelity;
  const item = fields.get("item");
  if (item !== null && /^\d{1,10}$/.test(item)) state.item = Number(item);
  const theme = fields.get("theme");
  if (theme === "light" || theme === "dark") state.theme = theme;
  if (fields.has("gallery")) state.gallery = true;
  if (fields.get("mark") === "top") state.marksTop = true;
  if (fields.get("moves") === "alone") state.isFree = true;
  const filters = fields
    .getAll("where")
    .map(filterFrom)
    .filter((one) => one !== null);
  if (filters.length > 0) state.filters = new Map(filters);
  const acts = fields
    .getAll("sel")
    .map(actFrom)
    .filter((one) => one !== null);
  if (acts.length > 0) state.selection = acts;
  const region = /^(\d{1,3})\.(\d{1,6})$/.exec(fields.get("region") ?? "");
  const panels = new Set(fields.get("panel")?.split(",").filter(isPanel));
  if (panels.size > 0) state.panels = [...panels];
  const left = fields.get("left");
  if (left === "fidelity" || left === "none") state.left = left;
  if (region) state.region = { level: Number(region[1]), region: Number(region[2]) };
  for (const [key, name] of [
    ["sort", "sort"],
    ["find", "find"],
    ["map", "map"],
    ["beside", "beside"],
    ["color", "color"],
    ["q", "query"],
  ] as const) {
    const value = fields.get(key);
    if (value) state[name] = value;
  }
  return state;
}

export function writeHash(state: HashState): string {
  const fields: string[] = [];
  const add = (key: string, value: string | undefined) => {
    if (value !== undefined) fields.push(`${key}=${value}`);
  };
  if (state.gallery) fields.push("gallery");
  add("sort", state.sort === undefined ? undefined : encodeURIComponent(state.sort));
  add("find", state.find === undefined ? undefined : encodeURIComponent(state.find));
  add("map", state.map === undefined ? undefined : encodeURIComponent(state.map));
  add("beside", state.beside === undefined ? undefined : encodeURIComponent(state.beside));
  add("moves", state.isFree && state.beside !== undefined ? "alone" : undefined);
  add("c", state.camera && cameraText(state.camera));
  add("layers", state.layers?.join(","));
  add("fidelity", state.fidelity === "none" ? undefined : state.fidelity);
  add("color", state.color === undefined ? undefined : encodeURIComponent(state.color));
  add("item", state.item?.toString());
  add("region", state.region && `${state.region.level}.${state.region.region}`);
  add("panel", state.panels?.join(","));
  add("left", state.left);
  add("q", state.query === undefined ? undefined : encodeURIComponent(state.query));
  for (const [name, filter] of state.filters ?? []) add("where", encodeURIComponent(filterToken(name, filter)));
  for (const token of actTokens(state.selection ?? []) ?? []) add("sel", encodeURIComponent(token));
  add("mark", state.marksTop ? "top" : undefined);
  add("theme", state.theme === "system" ? undefined : state.theme);
  return `#${fields.join("&")}`;
}

function isPanel(name: string): name is PanelName {
  return (PANELS as readonly string[]).includes(name);
}

export function cameraText({ x, y, zoom }: Camera): string {
  return [x.toPrecision(7), y.toPrecision(7), zoom.toFixed(3)].map((text) => String(Number(text))).join(",");
}

function cameraFrom(text: string | null): Camera | undefined {
  const numbers = text?.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part))) ?? [];
  const [x, y, zoom] = numbers;
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return undefined;
  return { x: x!, y: y!, zoom: zoom! };
}
