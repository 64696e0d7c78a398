import { expect, test } from "vitest";
import type { AtlasMap } from "../bundle/model";
import { captionFacts } from "./map-facts";

const map = { nItems: 109, representation: null, layoutMethod: "umap", fidelity: null } as unknown as AtlasMap;
const PLAIN = { colorBy: null, fidelity: "none", nPicked: null, nKept: null, marksTop: false, triedIn: null } as const;

test("a picture's caption says what is selected, marked, colored and left out", () => {
  expect(captionFacts(map, 4000, PLAIN)).toEqual(["109 of 4,000 items", "no representation", "UMAP"]);
  const told = captionFacts(map, 4000, {
    ...PLAIN,
    colorBy: "activation",
    nPicked: 26,
    nKept: 80,
    marksTop: true,
    triedIn: "right, left",
  });
  expect(told).toEqual([
    "80 of 109 of 4,000 items",
    "no representation",
    "UMAP",
    "color: activation",
    "framed: 26 selected",
    "numbered: the ten strongest",
    "“right, left”: ✕ not found by the label, ✓ found, ○ not tried",
  ]);
});
