import { expect, test, vi } from "vitest";
import { SameSet } from "../bundle/counterparts";
import type { MapData } from "../bundle/map-data";
import { Navigator } from "../state/navigator";
import { LinkedView } from "./linked-view";
import type { Stage } from "./stage";
import { WholePlaces } from "./whole-places";

const extent = { x0: 0, y0: 0, size: 1 };
const N_SET_ITEMS = 8;
const MOST_ASKED = 20;

class CountedPlaces extends WholePlaces {
  nAsked = 0;

  override nearestShared(...asked: Parameters<WholePlaces["nearestShared"]>): number | null {
    if (++this.nAsked > MOST_ASKED) throw new Error("it is asked without end");
    return super.nearestShared(...asked);
  }
}

/** A map of some items of one set, in a row from left to right. */
function mapOf(items: number[]): { data: MapData; stage: Stage; places: CountedPlaces } {
  const rowOf = new Uint32Array(N_SET_ITEMS).fill(0xffffffff);
  for (const [row, item] of items.entries()) rowOf[item] = row;
  const xy = Float32Array.from(items.flatMap((_, row) => [(row + 0.5) / items.length, 0.5]));
  const positions = async () => ({ xy, item: Uint32Array.from(items), rowOf });
  const data = { map: { extent }, positions } as unknown as MapData;
  const places = new CountedPlaces(data);
  const navigator = new Navigator(extent, { widthPx: 400, heightPx: 400 }, 9);
  const stage = { places, navigator, isTiled: false, showsWhole: () => false, fit: vi.fn(), follow: vi.fn() };
  return { data, places, stage: stage as unknown as Stage };
}

function linked(one: ReturnType<typeof mapOf>, other: ReturnType<typeof mapOf>): LinkedView {
  const view = new LinkedView(one.stage, other.stage, new SameSet(one.data, other.data), new SameSet(other.data, one.data));
  view.lead(one.stage);
  return view;
}

test("a map follows at an item that both show, once their places are read", async () => {
  const [one, other] = [mapOf([0, 1, 2]), mapOf([5, 2])];
  linked(one, other).moved(one.stage, null);
  await vi.waitFor(() => expect(other.stage.follow).toHaveBeenCalled());
});

test("a map without an item of the other stays where it is, and nothing is asked again", async () => {
  const [one, other] = [mapOf([0, 1, 2]), mapOf([5, 6])];
  const view = linked(one, other);
  view.moved(one.stage, null);
  await vi.waitFor(() => expect(one.places.nAsked).toBe(2));
  view.moved(one.stage, 1);
  await new Promise((resolve) => setTimeout(resolve));
  expect(one.places.nAsked).toBe(3);
  expect(other.stage.follow).not.toHaveBeenCalled();
});
