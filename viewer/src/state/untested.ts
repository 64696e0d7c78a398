import type { Region } from "../bundle/model";
import { FOUND, NOT_FOUND } from "./outcomes";

/** So many held-out texts a region needs to be tested for being missed (docs/scores.md). */
export const FEWEST_TO_TEST = 10;
/** So many it needs for its recall to be told. */
const FEWEST_TO_TELL = 5;
/** Of the share that the label finds everywhere, at most. */
const LITTLE_SHARE = 0.5;

/** A region where the label finds little, though too few texts are held out to test that. */
export interface Untested {
  level: number;
  region: number;
  nTried: number;
  nFound: number;
}

/**
 * The regions where a label finds at most half of what it finds everywhere, on too few held-out texts to be tested; of regions within
 * each other the largest.
 *
 * @param regions Those of each level, the coarsest first.
 * @param codes For each level (n_rows) the region of each row.
 * @param outcomes (n_rows) what came of each text.
 * @param missed Regions that were tested and are missed: they, and what lies in them, are told already.
 */
export function untestedRegions(
  regions: readonly (readonly Pick<Region, "parent">[])[],
  codes: readonly ArrayLike<number>[],
  outcomes: ArrayLike<number>,
  missed: readonly { level: number; region: number }[],
): Untested[] {
  const tallies = codes.map((ofLevel, level) => {
    const found = regions[level]!.map((_, region) => ({ level, region, nTried: 0, nFound: 0 }));
    for (let row = 0; row < outcomes.length; row++) {
      const isFound = outcomes[row] === FOUND;
      if (!isFound && outcomes[row] !== NOT_FOUND) continue;
      const tally = found[ofLevel[row]!]!;
      tally.nTried++;
      if (isFound) tally.nFound++;
    }
    return found;
  });
  const sum = (of: "nTried" | "nFound") => (tallies[0] ?? []).reduce((total, one) => total + one[of], 0);
  const most = (LITTLE_SHARE * sum("nFound")) / Math.max(1, sum("nTried"));
  const keyOf = (level: number, region: number) => `${level} ${region}`;
  const told = new Set(missed.map(({ level, region }) => keyOf(level, region)));
  return tallies.flat().filter(({ level, region, nTried, nFound }) => {
    const isTold = told.has(keyOf(level, region)) || told.has(keyOf(level - 1, regions[level]![region]!.parent));
    const isLittle = nTried >= FEWEST_TO_TELL && nTried < FEWEST_TO_TEST && nFound <= most * nTried;
    if (isTold || isLittle) told.add(keyOf(level, region));
    return isLittle && !isTold;
  });
}
