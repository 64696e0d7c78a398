import { expect, test } from "vitest";
import type { PointPx, RectPx } from "./camera";
import { boxAround, freePlace, overlap } from "./name-places";

const CELL_PX = 60;
const NAME = { width: 80, height: 14 };
/** Rows of pictures, each of which leaves an eighth of its cell free. */
const PICTURES: RectPx[] = Array.from({ length: 100 }, (_, at) => ({
  x: (at % 10) * CELL_PX + 5,
  y: Math.floor(at / 10) * CELL_PX + 8,
  width: CELL_PX - 10,
  height: CELL_PX - 16,
}));

function placeAmong(pictures: readonly RectPx[], own: PointPx, reachPx = 150): PointPx | null {
  return freePlace(
    own,
    CELL_PX,
    0,
    reachPx,
    (at) => !pictures.some((one) => overlap(boxAround(at, NAME.width, NAME.height), one)),
  );
}

test("a name that hides nothing stays where it belongs", () => {
  expect(placeAmong([], { x: 33, y: 44 })).toEqual({ x: 33, y: 44 });
});

test("among rows of pictures a name goes to the nearest line between them", () => {
  expect(placeAmong(PICTURES, { x: 300, y: 255 })).toEqual({ x: 300, y: 240 });
  expect(placeAmong(PICTURES, { x: 300, y: 285 })).toEqual({ x: 300, y: 300 });
});

test("where pictures leave room a name takes it", () => {
  const gap = PICTURES.filter(({ x, y }) => !(y > 180 && y < 240 && x > 180 && x < 360));
  const place = placeAmong(
    gap.map((one) => ({ ...one, y: one.y - 8, height: CELL_PX })),
    { x: 280, y: 140 },
  );
  expect(place?.y).toBeGreaterThan(180);
  expect(place?.y).toBeLessThan(240);
});

test("a name for which no place within reach is free has none", () => {
  expect(placeAmong([{ x: 0, y: 0, width: 999, height: 999 }], { x: 500, y: 500 })).toBeNull();
});
