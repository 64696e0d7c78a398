import { activationColumn } from "./columns";
import type { MapData } from "./map-data";
import { placeIn, tileSquare } from "./point-tiles";

/** What a map says of some rows, in their order. */
export interface RowValues {
  /** (2 · n) x, y pairs in layout units. */
  xy: Float32Array;
  /** (n) region in the finest level; null where the atlas does not say. */
  regions: Uint16Array | null;
  /** (n) shares of false and of missing neighbors, in steps of 1/255; null where none are known. */
  wrong: Uint8Array | null;
  missing: Uint8Array | null;
  /** (n) NaN where there is none; null on a map of no activation. */
  activations: Float32Array | null;
}

/** Reads what a map says of some rows: of a tiled map, where they must ascend, these and what lies between near ones. */
export async function rowValues(data: MapData, rows: Uint32Array): Promise<RowValues> {
  return data.isTiled ? tiledRowValues(data, rows) : wholeRowValues(data, rows);
}

async function tiledRowValues(data: MapData, rows: Uint32Array): Promise<RowValues> {
  const { xy, trustFalse, trustMissing, region } = data.map.points;
  const isJudged = Boolean(trustFalse && trustMissing);
  const activation = activationColumn(data.map);
  const [directory, places, regions, wrong, missing, activations] = await Promise.all([
    data.directory(),
    data.bytesOfRows(xy, rows, 4),
    region === null ? null : data.bytesOfRows(region, rows, 2),
    isJudged ? data.bytesOfRows(trustFalse!, rows, 1) : null,
    isJudged ? data.bytesOfRows(trustMissing!, rows, 1) : null,
    activation ? data.bytesOfRows(activation.path, rows, 4) : null,
  ]);
  const steps = new Uint16Array(places);
  const placed = new Float32Array(2 * rows.length);
  for (const [at, row] of rows.entries()) {
    const { x, y } = placeIn(tileSquare(data.map.extent, directory.ofRow(row)!), steps[2 * at]!, steps[2 * at + 1]!);
    placed[2 * at] = x;
    placed[2 * at + 1] = y;
  }
  return {
    xy: placed,
    regions: regions && new Uint16Array(regions),
    wrong: wrong && new Uint8Array(wrong),
    missing: missing && new Uint8Array(missing),
    activations: activations && new Float32Array(activations),
  };
}

async function wholeRowValues(data: MapData, rows: Uint32Array): Promise<RowValues> {
  const { trustFalse, trustMissing } = data.map.points;
  const isJudged = Boolean(trustFalse && trustMissing);
  const activation = activationColumn(data.map);
  const [{ xy }, regions, wrong, missing, activations] = await Promise.all([
    data.positions(),
    data.regions().then((levels) => data.regionCodes(levels.length - 1)),
    isJudged ? data.trust("false") : null,
    isJudged ? data.trust("missing") : null,
    activation ? data.colorValues(activation) : null,
  ]);
  return {
    xy: Float32Array.from({ length: 2 * rows.length }, (_, at) => xy[2 * rows[at >> 1]! + (at & 1)]!),
    regions: regions && Uint16Array.from(rows, (row) => regions[row]!),
    wrong: wrong && Uint8Array.from(rows, (row) => wrong[row]!),
    missing: missing && Uint8Array.from(rows, (row) => missing[row]!),
    activations: activations && Float32Array.from(rows, (row) => activations[row]!),
  };
}
