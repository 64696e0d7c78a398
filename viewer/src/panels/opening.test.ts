import { expect, test } from "vitest";
import { Panels } from "../state/panels.svelte";
import type { ViewState } from "../state/view.svelte";
import { Opening } from "./opening.svelte";

function opened() {
  const view = { selected: null as number | null, region: null as { level: number; region: number } | null };
  const panels = new Panels(
    null,
    ["filters", "selection"],
    () => view.selected !== null || view.region !== null,
    () => false,
  );
  const opening = new Opening(view as unknown as ViewState, panels, { stage: () => undefined, onVisit: () => {} });
  panels.toggle("selection");
  panels.toggle("filters");
  panels.show("selection");
  return { view, panels, opening };
}

test("choosing nothing leaves in front what was there", () => {
  const { panels, opening } = opened();
  opening.choose(null);
  opening.chooseItem(null);
  expect(panels.front).toBe("selection");
});

test("the card of an item, and that of a region, comes to the front", () => {
  const { view, panels, opening } = opened();
  opening.chooseItem(3);
  expect([panels.front, view.selected]).toEqual(["card", 3]);
  panels.show("filters");
  opening.region(0, 2);
  expect([panels.front, view.selected, view.region]).toEqual(["card", null, { level: 0, region: 2 }]);
});
