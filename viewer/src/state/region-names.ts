import type { Region } from "../bundle/model";

/** What a region is called in a sentence: its name in one line, or its number where nothing sets it apart. */
export function regionName(region: Region, number: number): string {
  return region.name.replaceAll("\n", " ") || `region ${number + 1}`;
}

/** The regions around one, from the coarsest down to itself. */
export function pathTo(
  regions: readonly (readonly Region[])[],
  level: number,
  number: number,
): { level: number; region: number }[] {
  const path: { level: number; region: number }[] = [];
  for (let at = level, region = number; at >= 0 && regions[at]?.[region]; at--) {
    path.unshift({ level: at, region });
    region = regions[at]![region]!.parent;
  }
  return path;
}

/** The numbers of the regions within one, by falling number of items; of level −1, the coarsest of the map. */
export function childrenOf(regions: readonly (readonly Region[])[], level: number, number: number): number[] {
  const below = regions[level + 1] ?? [];
  const numbers = below.flatMap((region, at) => (level < 0 || region.parent === number ? [at] : []));
  return numbers.sort((a, b) => below[b]!.nItems - below[a]!.nItems || a - b);
}
