import { expect, test } from "vitest";
import { FOUND, NOT_FOUND, NOT_TRIED } from "./outcomes";
import { untestedRegions } from "./untested";

/** Two levels: regions 0 and 1, and 0 of the first cut in two. */
const REGIONS = [
  [{ parent: -1 }, { parent: -1 }],
  [{ parent: 0 }, { parent: 0 }, { parent: 1 }],
];
/** Rows of the given outcomes in region 0.0 (and 1.0, the last two of them in 1.1), then as many that are found in region 0.1. */
function mapOf(here: number[], nFoundElsewhere: number) {
  const elsewhere = new Array(nFoundElsewhere).fill(FOUND);
  const fine = here.map((_, row) => (row < here.length - 2 ? 0 : 1));
  return {
    outcomes: Uint8Array.from([...here, ...elsewhere]),
    codes: [
      Uint16Array.from([...here.map(() => 0), ...elsewhere.map(() => 1)]),
      Uint16Array.from([...fine, ...elsewhere.map(() => 2)]),
    ],
  };
}
const few = (nFound: number, nMissed: number) => [...new Array(nFound).fill(FOUND), ...new Array(nMissed).fill(NOT_FOUND)];

test("a region where little is found is told of where too few are held out to test it, and not again for its parts", () => {
  const { outcomes, codes } = mapOf([...few(0, 7), NOT_TRIED], 20);
  expect(untestedRegions(REGIONS, codes, outcomes, [])).toEqual([{ level: 0, region: 0, nTried: 7, nFound: 0 }]);
});

test("neither fewer than five texts are told of, nor those that could be tested, nor those of which enough is found", () => {
  for (const here of [few(0, 4), few(0, 10), few(4, 3)]) {
    const { outcomes, codes } = mapOf(here, 20);
    expect(untestedRegions([REGIONS[0]!], [codes[0]!], outcomes, [])).toEqual([]);
  }
});

test("parts of a region that is missed are told of with it", () => {
  const { outcomes, codes } = mapOf(few(0, 9), 20);
  const found = untestedRegions(REGIONS, codes, outcomes, []);
  expect(found).toEqual([{ level: 0, region: 0, nTried: 9, nFound: 0 }]);
  expect(untestedRegions(REGIONS, codes, outcomes, [{ level: 0, region: 0 }])).toEqual([]);
});
