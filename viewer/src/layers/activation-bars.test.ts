import { expect, test, vi } from "vitest";
import { Projection } from "../state/camera";
import { ActivationBars } from "./activation-bars";
import type { ItemsLayer } from "./items";
import type { Sight } from "./sight";

const PROJECTION = new Projection({ x0: 0, y0: 0, size: 512 }, { widthPx: 512, heightPx: 512 }, { x: 256, y: 256, zoom: 0 });
const COLUMN = { name: "activation", kind: "number" };

/** Pictures of items 4, 5 and 6 on a latent's map whose rows are items 5, 6 and 4, one of them very small. */
function setUp({ isDimmed = false, isLatent = true, widthPx = 100, isTextCard = false } = {}) {
  const rowOf = new Uint32Array(8).fill(0xffffffff);
  for (const [row, item] of [5, 6, 4].entries()) rowOf[item] = row;
  const data = {
    map: { latent: isLatent ? { maximum: 8 } : null, colors: [COLUMN] },
    positions: async () => ({ rowOf }),
    colorValues: vi.fn(async () => Float32Array.from([2, 8, 4])),
  };
  const reading = <T>(work: Promise<T>, then: (value: T) => void) => void work.then(then);
  const tokens = { page: "page", heat: "heat", heatTrack: "track" };
  const sight = { data, collage: {}, wishes: { isDimmed }, tokens, level: 0, reading } as unknown as Sight;
  const at = (item: number, width: number) => ({
    leaf: { cell: { item, isTextCard }, level: 0 },
    rect: { x: 0, y: 0, width, height: width },
  });
  const items = { isDrawing: true, sieve: null, drawn: () => [at(4, widthPx), at(5, widthPx), at(6, 12)] };
  const bars = new ActivationBars(sight, items as unknown as ItemsLayer);
  const drawn: { color: string; width: number; bottom: number }[] = [];
  const context = {
    fillStyle: "",
    globalAlpha: 1,
    beginPath: () => {},
    fill: () => {},
    roundRect: (_x: number, y: number, width: number, height: number) =>
      drawn.push({ color: context.fillStyle, width, bottom: y + height }),
  };
  return { bars, drawn, data, context: context as unknown as CanvasRenderingContext2D };
}

test("a bar is as long as its item's activation beside the maximum, and stays within the picture", async () => {
  const { bars, drawn, context } = setUp();
  bars.paint(context, PROJECTION);
  expect(drawn).toEqual([]);
  await vi.waitFor(() => {
    bars.paint(context, PROJECTION);
    expect(drawn).toHaveLength(6);
  });
  const [track] = drawn.filter(({ color }) => color === "track");
  expect(drawn.filter(({ color }) => color === "heat").map(({ width }) => width / track!.width)).toEqual([0.5, 0.25]);
  expect(Math.max(...drawn.map(({ bottom }) => bottom))).toBeLessThan(100);
});

test("where a caption is set below a picture, the bar stays above its lines; a text card has none", async () => {
  const lowest = async (isTextCard: boolean) => {
    const { bars, drawn, context } = setUp({ widthPx: 130, isTextCard });
    await vi.waitFor(() => {
      bars.paint(context, PROJECTION);
      expect(drawn).toHaveLength(6);
    });
    return Math.max(...drawn.map(({ bottom }) => bottom));
  };
  expect(await lowest(false)).toBeLessThan(100);
  expect(await lowest(true)).toBeGreaterThan(120);
});

test("nothing is read where no pictures are looked at, or none of a latent", () => {
  for (const { bars, context, data } of [setUp({ isDimmed: true }), setUp({ isLatent: false })]) {
    bars.paint(context, PROJECTION);
    expect([bars.areSeen, data.colorValues.mock.calls.length]).toEqual([false, 0]);
  }
});
