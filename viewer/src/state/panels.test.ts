import { expect, test } from "vitest";
import { Panels } from "./panels.svelte";

const WIDE = { widthPx: 1280, heightPx: 800 };

function opened(hasCard: () => boolean = () => false, hash = {}, isBeside = () => false): Panels {
  return new Panels("latent", ["regions", "filters", "selection"], hasCard, isBeside, hash);
}

test("what is opened last is in front, and what was there stays behind it", () => {
  const panels = opened();
  panels.toggle("filters");
  panels.toggle("selection");
  expect([panels.front, panels.open]).toEqual(["selection", ["filters", "selection"]]);
  panels.toggle("filters");
  expect([panels.front, panels.open]).toEqual(["filters", ["filters", "selection"]]);
  panels.toggle("filters");
  expect([panels.front, panels.open]).toEqual(["selection", ["selection"]]);
});

test("a card comes to the front when it is shown and leaves the lists open behind it", () => {
  let hasCard = false;
  const panels = opened(() => hasCard);
  panels.toggle("selection");
  panels.show("card");
  expect(panels.front).toBe("selection");
  hasCard = true;
  expect([panels.front, panels.open]).toEqual(["card", ["selection", "card"]]);
  hasCard = false;
  expect(panels.front).toBe("selection");
});

test("however many panels are open at the right, they cover one place of the map", () => {
  const panels = opened(() => true);
  const covered = panels.covered(WIDE, false);
  panels.toggle("filters");
  panels.toggle("selection");
  expect(panels.covered(WIDE, false)).toEqual(covered);
  expect(covered.rightPx).toBeGreaterThan(300);
});

test("a map that would be buried goes on under the panels", () => {
  expect(opened(() => true).covered({ widthPx: 760, heightPx: 800 }, false).rightPx).toBe(0);
});

test("on a narrow screen whatever is open covers the lower half, the map's own panel too", () => {
  const narrow = { widthPx: 400, heightPx: 800 };
  const panels = opened();
  const { bottomPx } = panels.covered(narrow, false);
  expect(bottomPx).toBeGreaterThan(400);
  panels.left = null;
  expect(panels.covered(narrow, false).bottomPx).toBe(0);
  expect(opened(() => true).covered(narrow, false)).toEqual({ leftPx: 0, rightPx: 0, bottomPx });
});

test("on a narrow screen the upper of two maps keeps its half, whatever is open", () => {
  const panels = opened(
    () => true,
    {},
    () => true,
  );
  expect(panels.covered({ widthPx: 400, heightPx: 800 }, true)).toEqual({ leftPx: 0, rightPx: 0, bottomPx: 0 });
});

test("beside another map what is open takes the place of the map's own panel, and gives it back", () => {
  let hasCard = false;
  const panels = opened(
    () => hasCard,
    {},
    () => true,
  );
  expect([panels.leftSeen, panels.isSlotLeft]).toEqual(["latent", false]);
  hasCard = true;
  expect([panels.leftSeen, panels.isSlotLeft]).toEqual([null, true]);
  expect([panels.covered(WIDE, true), panels.coveredBeside(WIDE)].map(({ rightPx }) => rightPx)).toEqual([0, 0]);
  expect(panels.covered(WIDE, true).leftPx).toBeGreaterThan(300);
  panels.toggleLeft("latent");
  expect([panels.leftSeen, panels.isSlotLeft]).toEqual(["latent", false]);
  expect(panels.coveredBeside(WIDE).rightPx).toBeGreaterThan(300);
  panels.toggleLeft("latent");
  expect([panels.leftSeen, panels.isSlotLeft, panels.left]).toEqual([null, true, "latent"]);
  panels.toggleLeft("fidelity");
  hasCard = false;
  panels.allClosed();
  hasCard = true;
  expect([panels.leftSeen, panels.isSlotLeft]).toEqual([null, true]);
  expect(panels.state).toMatchObject({ left: "fidelity" });
});

test("a list opens in place of what is looked at for a moment", () => {
  const panels = opened();
  panels.toggle("layers");
  panels.toggle("filters");
  expect([panels.popover, panels.front]).toEqual([null, "filters"]);
});

test("the address brings the same panels back, and lists that the map does not have are left out", () => {
  const panels = opened(() => true);
  panels.toggle("filters");
  panels.toggle("selection");
  panels.show("card");
  panels.left = null;
  expect(panels.state).toEqual({ panels: ["filters", "selection", "card"], left: "none" });
  const again = opened(() => true, panels.state);
  expect([again.front, again.open, again.left]).toEqual(["card", ["filters", "selection", "card"], null]);
  const other = opened(() => false, { panels: ["probe", "filters"] });
  expect([other.front, other.open, other.left]).toEqual(["filters", ["filters"], "latent"]);
  expect(opened().state).toEqual({});
  const narrow = new Panels(
    null,
    [],
    () => false,
    () => false,
  );
  narrow.toggleLeft("latent");
  expect(narrow.state).toEqual({});
});
