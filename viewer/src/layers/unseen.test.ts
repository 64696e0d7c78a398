import { expect, test, vi } from "vitest";
import { Projection, type RectPx } from "../state/camera";
import type { ItemsLayer } from "./items";
import type { Sight } from "./sight";
import { Unseen } from "./unseen";

const VIEWPORT = { widthPx: 512, heightPx: 512 };
const PROJECTION = new Projection({ x0: 0, y0: 0, size: 512 }, VIEWPORT, { x: 256, y: 256, zoom: 0 });
const IN_VIEW: RectPx = { x: 100, y: 100, width: 64, height: 64 };

/** A map of three items, of which the filters keep the second; its place is at (40, 40) of the screen, or not on it. */
function setUp({ isPlaceOnScreen = false, found = new Uint32Array(0) } = {}) {
  const items = { isDrawing: false, isLoading: true, placed: [] as { leaf: { cell: { item: number } }; rect: RectPx }[] };
  const drawn = () => items.placed;
  const panels: RectPx[] = [];
  const positions = vi.fn(async () => ({ rowOf: Uint32Array.of(0, 1, 2) }));
  const places = {
    keeps: (item: number, mask: Uint8Array) => mask[item] === 1,
    areSeen: async (_mask: Uint8Array, part: { has(x: number, y: number): boolean }) => isPlaceOnScreen && part.has(40, 40),
  };
  const kept = found.length > 0 ? null : Uint8Array.of(0, 1, 0);
  const sight = {
    wishes: { kept, picked: null, found, covered: { leftPx: 0, rightPx: 0, bottomPx: 0 }, layers: { collage: true } },
    data: { map: { nItems: 3 }, isTiled: false, positions },
    collage: null,
    places,
    reading: (work: Promise<unknown>, then: (value: unknown) => void) => void work.then(then, () => {}),
  };
  const said: string[][] = [];
  const layer = Object.assign(items, { drawn }) as unknown as ItemsLayer;
  const unseen = new Unseen(
    sight as unknown as Sight,
    layer,
    () => panels,
    () => 3,
    (one) => said.push([...one]),
  );
  const look = async () => {
    unseen.look(PROJECTION);
    await new Promise((resolve) => setTimeout(resolve));
    return said.at(-1);
  };
  return { unseen, look, items, panels, positions };
}

test("what was said to be out of view is looked for again once its picture is drawn", async () => {
  const { look, items } = setUp();
  expect(await look()).toEqual(["filters"]);
  items.placed = [{ leaf: { cell: { item: 1 } }, rect: IN_VIEW }];
  items.isDrawing = true;
  items.isLoading = false;
  expect(await look()).toEqual([]);
});

test("what a panel opens over is out of view, and in view again when it shuts", async () => {
  const { look, panels } = setUp({ isPlaceOnScreen: true });
  expect(await look()).toBeUndefined();
  panels.push({ x: 0, y: 0, width: 60, height: 60 });
  expect(await look()).toEqual(["filters"]);
  panels.pop();
  expect(await look()).toEqual([]);
});

test("the rows of what was found are asked for again where they could not be read", async () => {
  const { unseen, positions } = setUp({ found: Uint32Array.of(2) });
  positions.mockRejectedValueOnce(new Error("no connection"));
  await expect(unseen.maskOf("search")).rejects.toThrow("no connection");
  expect(await unseen.maskOf("search")).toEqual(Uint8Array.of(0, 0, 1));
  await unseen.maskOf("search");
  expect(positions).toHaveBeenCalledTimes(2);
});
