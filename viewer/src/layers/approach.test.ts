import { expect, test, vi } from "vitest";
import { Navigator } from "../state/navigator";
import { Approach } from "./approach";
import type { ItemsLayer } from "./items";
import type { Sight } from "./sight";

const EXTENT = { x0: 0, y0: 0, size: 1 };
const MIDDLE = { x: 200, y: 200 };
const NOTCH = 0.5;
const PLACE = { x: 0.5, y: 0.5 };

/** A map in whose middle item 4 opens a map of its own. */
function setUp() {
  const navigator = new Navigator(EXTENT, { widthPx: 400, heightPx: 400 }, 6);
  navigator.isCalm = true;
  const items = { grown: null, placeOf: () => PLACE };
  const places = { read: vi.fn(async () => {}), levelAlone: async () => 0, of: () => PLACE };
  const data = { map: { opens: new Map([[4, "latent-4"]]), extent: EXTENT } };
  const sight = { navigator, data, places, collage: {}, deepestLevel: 3, isEnded: false, refresh: () => {} };
  const onEnter = vi.fn();
  const hitAt = async () => ({ item: 4, cell: null, level: 0 });
  const approach = new Approach(sight as unknown as Sight, items as unknown as ItemsLayer, hitAt, onEnter);
  /** Turns the wheel by a notch, and paints the next frame. */
  const turn = async (levels: number) => {
    approach.zoomBy(levels, MIDDLE);
    await new Promise((resolve) => setTimeout(resolve));
    approach.arrive();
  };
  return { turn, items, places, onEnter };
}

async function entered() {
  const made = setUp();
  for (let notch = 0; notch < 8 && made.onEnter.mock.calls.length === 0; notch++) await made.turn(NOTCH);
  expect(made.onEnter).toHaveBeenCalledExactlyOnceWith(4);
  return made;
}

test("an item whose map is being opened stays large while one goes on zooming, and its map is opened once", async () => {
  const { turn, items, places, onEnter } = await entered();
  const nSought = places.read.mock.calls.length;
  for (let notch = 0; notch < 3; notch++) await turn(NOTCH);
  expect(items.grown).toMatchObject({ item: 4 });
  expect([onEnter.mock.calls.length, places.read.mock.calls.length]).toEqual([1, nSought]);
});

test("zooming out lets go of an item whose map did not open, and zooming in again opens it", async () => {
  const { turn, items, onEnter } = await entered();
  await turn(-NOTCH);
  expect(items.grown).toBeNull();
  for (let notch = 0; notch < 3; notch++) await turn(NOTCH);
  expect(onEnter).toHaveBeenCalledTimes(2);
});
