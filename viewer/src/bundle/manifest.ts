import type * as wire from "../contract/manifest";
import type { CardEntry, LabelsFile, RegionEntry, RegionsFile } from "../contract/parts";
import { AtlasError } from "./errors";
import { inflated } from "./gzip";
import type { Atlas, AtlasMap, Card, Fidelity, FidelityRow, ItemSet, Latent, MapLabel, Region, Study } from "./model";

/** The newest format that this viewer can read. */
const FORMAT_VERSION = 2;

/** Fetches and checks `atlas.json`. */
export async function readManifest(url: URL): Promise<Atlas> {
  const response = await fetch(url).catch(() => null);
  if (!response) throw new AtlasError("The server does not answer.", "Start it again with `vista serve`, then reload the page.");
  if (!response.ok) {
    throw new AtlasError(
      "There is no atlas.json beside this page.",
      "Open the folder that `vista export --to site` wrote, or run `vista serve ATLAS`.",
    );
  }
  return manifestFrom(new Uint8Array(await response.arrayBuffer()));
}

/** Checks the bytes of `atlas.json`. */
export async function manifestFrom(bytes: Uint8Array<ArrayBuffer>): Promise<Atlas> {
  return atlasFrom(parsed(new TextDecoder().decode(await inflated(bytes))));
}

function parsed(text: string): wire.Manifest {
  try {
    return JSON.parse(text) as wire.Manifest;
  } catch {
    throw new AtlasError("atlas.json is not readable JSON.", "The atlas may be half copied: copy or build it again.");
  }
}

/** Turns a manifest into the viewer's words; refuses what is no atlas or newer than this viewer. */
export function atlasFrom(manifest: wire.Manifest): Atlas {
  if (manifest.format !== "vista-atlas")
    throw new AtlasError("atlas.json does not describe a VISTA atlas.", "Build one with `vista map`.");
  if (manifest.format_version > FORMAT_VERSION) {
    throw new AtlasError(
      `This atlas has format ${manifest.format_version}; this viewer reads up to ${FORMAT_VERSION}.`,
      "Update with `pip install -U vista-atlas`, then serve or export the atlas again.",
    );
  }
  const maps = Object.entries(manifest.maps).map(([id, entry]) => [id, mapFrom(id, entry, manifest)] as const);
  if (maps.length === 0) throw new AtlasError("This atlas holds no map.", "Add one with `vista map`.");
  return {
    title: manifest.title,
    study: manifest.study ? studyFrom(manifest.study) : null,
    sets: new Map(Object.entries(manifest.sets).map(([id, entry]) => [id, setFrom(id, entry)])),
    maps: new Map(maps),
    fileSizes: new Map(Object.entries(manifest.files ?? {}).map(([path, file]) => [path, file.n_bytes])),
    vistaVersion: manifest.provenance?.vista_version ?? "",
  };
}

function studyFrom(entry: wire.StudyEntry): Study {
  const { sanity } = entry;
  return {
    model: entry.model,
    sae: entry.sae,
    hookName: entry.hook_name,
    dSae: entry.d_sae,
    pooling: entry.pooling,
    nItems: entry.n_items,
    sanity: sanity && {
      fvu: sanity.fvu,
      l0: sanity.l0,
      expectedL0: sanity.expected_l0,
      deadShare: sanity.dead_share,
      nTokens: sanity.n_tokens,
    },
    canProbe: entry.probe === true,
  };
}

function setFrom(id: string, entry: wire.SetEntry): ItemSet {
  const { data, index, items_per_block } = entry.cards;
  const { pictures, neighbors } = entry;
  return {
    id,
    nItems: entry.n_items,
    cards: { data, index, itemsPerBlock: items_per_block },
    titles: entry.titles,
    search: entry.search ? { terms: entry.search.terms, index: entry.search.index, postings: entry.search.postings } : null,
    isSearchServed: entry.served_search === true,
    pictures: pictures ? { data: pictures.data, index: pictures.index, px: pictures.px, of: pictures.of } : null,
    neighbors: neighbors ? { k: neighbors.k, metric: neighbors.metric } : null,
    columns: entry.columns,
  };
}

/** What the run that made a map said; early atlases say it only for all runs together. */
function runOf(id: string, manifest: wire.Manifest) {
  const runs = [manifest.provenance, ...(manifest.history ?? [])];
  const run = runs.find((one) => one?.map === id);
  return { notes: run?.warnings ?? manifest.warnings ?? [], nSkipped: run?.n_skipped ?? manifest.n_skipped ?? 0 };
}

/** A map names those that were made before it; it is told of the others here. */
function rowsOn(id: string, { maps }: wire.Manifest): Map<string, string> {
  const here = Object.entries(maps[id]?.same_items ?? {}).map(([other, { there }]) => [other, there] as const);
  const back = Object.entries(maps).flatMap(([other, { same_items }]) =>
    same_items?.[id] ? [[other, same_items[id].here] as const] : [],
  );
  return new Map([...here, ...back].filter(([other]) => other in maps));
}

function mapFrom(id: string, entry: wire.MapEntry, manifest: wire.Manifest): AtlasMap {
  const { tiles = null, xy, item, trust_false, trust_missing, region = null } = entry.points;
  const { representation } = entry;
  return {
    id,
    kind: entry.kind ?? "items",
    title: entry.title || id,
    setId: entry.set,
    nItems: entry.n_items,
    extent: entry.extent,
    bounds: entry.bounds ?? wholeOf(entry.extent),
    points: { tiles, xy, item, trustFalse: trust_false, trustMissing: trust_missing, region },
    colors: entry.colors,
    collage: entry.collage && collageFrom(entry.collage),
    ground: entry.ground,
    preview: entry.preview,
    labels: entry.labels,
    fidelity: entry.fidelity && fidelityFrom(entry.fidelity, entry.n_items, (entry.latent ?? entry.activation)?.gain_cosine),
    fidelityCurve: entry.fidelity_curve,
    representation: representation && { encoder: representation.encoder, dim: representation.dim, metric: representation.metric },
    layoutMethod: entry.layout.method,
    regions: entry.regions,
    neighbors: entry.neighbors ? { path: entry.neighbors.path, k: entry.neighbors.k, metric: entry.neighbors.metric } : null,
    tokens: entry.tokens ? tokensFrom(entry.tokens) : null,
    terrain: entry.terrain ?? null,
    outcomes: entry.outcomes ?? null,
    latent: entry.latent ? latentFrom(entry.latent) : null,
    activation: entry.activation ? activationFrom(entry.activation) : null,
    moranI: (entry.latent ?? entry.activation)?.moran_i ?? null,
    opens: new Map(Object.entries(entry.opens ?? {}).map(([item, map]) => [Number(item), map])),
    rowsOn: rowsOn(id, manifest),
    ...runOf(id, manifest),
  };
}

function tokensFrom({ data, index, items_per_block, high }: wire.TokensEntry) {
  return { data, index, itemsPerBlock: items_per_block, high };
}

function activationFrom({ name, form, weight, scale, transform }: wire.ActivationEntry) {
  return { name, form, weight, scale, transform };
}

function latentFrom(entry: wire.LatentEntry): Latent {
  return {
    latent: entry.latent,
    neuronpediaUrl: entry.neuronpedia_url,
    why: entry.why,
    nActive: entry.n_active,
    density: entry.density,
    maximum: entry.maximum,
    mean: entry.mean,
    histogram: entry.histogram,
    sampling: entry.sampling,
    weight: entry.weight,
    scale: entry.scale,
    transform: entry.transform,
    keepsLatent: entry.keeps_latent,
    label: entry.label,
    keywords: entry.keywords,
    explanations: entry.explanations,
    top: entry.top,
    flags: entry.flags,
    scores: entry.scores,
    missed: entry.missed,
  };
}

function wholeOf({ x0, y0, size }: wire.ExtentEntry) {
  return { x0, y0, x1: x0 + size, y1: y0 + size };
}

function collageFrom(entry: wire.CollageEntry) {
  const { tiles, cells, sheets, n_levels, n_tile_levels, rule, rule_text, pictures, picture_text } = entry;
  return {
    tiles,
    cells,
    sheets: sheets && { data: sheets.data, index: sheets.index },
    nLevels: n_levels,
    nTileLevels: n_tile_levels,
    rule,
    ruleText: rule_text,
    pictures,
    pictureText: picture_text,
  };
}

export function fidelityFrom(entry: wire.FidelityEntry, nItems: number, gainCosine: (number | null)[] = []): Fidelity {
  const told = entry.k.map((k, index): FidelityRow => {
    const chance = nItems > 1 ? k / (nItems - 1) : 1;
    const gain = entry.gain[index] ?? null;
    const [gainLow, gainHigh] = entry.gain_ci[index] ?? [gain, gain];
    return {
      k,
      percent: entry.percent[index] ?? null,
      gain,
      gainLow,
      gainHigh,
      kept: gain === null ? null : gain + chance,
      chance,
      rnx: entry.rnx[index] ?? null,
      trustworthiness: entry.trustworthiness[index] ?? null,
      continuity: entry.continuity[index] ?? null,
      gainCosine: gainCosine[index] ?? null,
    };
  });
  return {
    metric: entry.metric,
    nQueries: entry.n_queries,
    exact: entry.exact,
    rows: told.sort((a, b) => a.k - b.k), // early atlases tell the percentages first
    rnxArea: entry.rnx_area,
    nullArea: entry.null,
    trustK: entry.trust_k,
    meanFalse: entry.mean_false,
    meanMissing: entry.mean_missing,
  };
}

export function cardFrom(entry: CardEntry): Card {
  return {
    item: entry.item,
    id: entry.id,
    sourceRow: entry.source_row,
    text: entry.text,
    columns: Object.entries(entry.columns ?? {}),
    picture: entry.picture,
    neighbors: entry.neighbors ?? [],
    distances: entry.distances ?? [],
  };
}

export function labelsFrom(file: LabelsFile): MapLabel[] {
  return file.labels.map((label) => ({
    text: label.text,
    x: label.x,
    y: label.y,
    level: label.level,
    region: label.region,
    nItems: label.n_items,
    minZoom: label.min_zoom,
    maxZoom: label.max_zoom,
    widthPx: label.width_px,
    heightPx: label.height_px,
    fontPx: file.font_px[Math.min(label.level, file.font_px.length - 1)] ?? 13,
  }));
}

export function regionsFrom(file: RegionsFile): Region[][] {
  return file.levels.map((level) => level.map(regionFrom));
}

function regionFrom({ name, terms, n_items, parent, x, y, representative, ...figures }: RegionEntry): Region {
  return {
    name,
    terms: terms ?? [],
    nItems: n_items,
    parent,
    x,
    y,
    representative,
    trustFalse: figures.trust_false,
    trustMissing: figures.trust_missing,
    spread: figures.spread ?? null,
    recall: figures.recall ?? null,
    activation: figures.activation ?? null,
  };
}
