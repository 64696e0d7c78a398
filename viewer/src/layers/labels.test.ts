import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Cell } from "../bundle/cells";
import type { MapData } from "../bundle/map-data";
import type { MapLabel } from "../bundle/model";
import type { TileId } from "../bundle/tile-cache";
import { type PointPx, Projection, type RectPx } from "../state/camera";
import { boxAround, overlap } from "../state/name-places";
import type { CollageLayer } from "./collage";
import { ItemsLayer, type Room } from "./items";
import { LabelsLayer } from "./labels";
import type { Tokens } from "./tokens";

const EXTENT = { x0: 0, y0: 0, size: 512 };
const VIEWPORT = { widthPx: 1280, heightPx: 800 };
const DEEPEST = 4;
const LARGE_PX = 66;
/** What a picture surely covers of its cell. */
const COVERED_SHARE = 0.76;

class FakeElement {
  readonly style: Record<string, string> = {};
  readonly dataset: Record<string, string> = {};
  readonly classList = { toggle: () => {} };
  readonly children = new Set<FakeElement>();
  textContent = "";
  readonly clientWidth = VIEWPORT.widthPx;
  private parent: FakeElement | null = null;

  append(child: FakeElement): void {
    child.parent = this;
    this.children.add(child);
  }

  remove(): void {
    this.parent?.children.delete(this);
  }

  setAttribute(): void {}
  addEventListener(): void {}
  animate(): void {}
}

beforeAll(() => void vi.stubGlobal("document", { createElement: () => new FakeElement() }));
afterAll(() => void vi.unstubAllGlobals());

function* randomNumbers(): Generator<number, never> {
  for (let state = 11; ; ) {
    state = (state * 16_807) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** An item in each cell of the level before the deepest, and in patches of such cells four, which stay half as large. */
function someItems(): PointPx[] {
  const side = EXTENT.size / (8 * 2 ** (DEEPEST - 1));
  const cells = Array.from({ length: 64 * 64 }, (_, at) => [at % 64, at >> 6] as const);
  return cells.flatMap(([column, row]) => {
    const isCrowded = (column >> 2) % 3 === 1 && (row >> 2) % 2 === 0;
    const parts = isCrowded ? [0.25, 0.75] : [0.5];
    return parts.flatMap((u) => parts.map((v) => ({ x: (column + u) * side, y: (row + v) * side })));
  });
}

function dataOf(places: readonly PointPx[]): MapData {
  const tileCells = async ({ z, tx, ty }: TileId) => {
    const cells = new Map<number, Cell>();
    const side = EXTENT.size / (8 * 2 ** z);
    for (const [item, { x, y }] of places.entries()) {
      const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
      if (column >> 3 !== tx || row >> 3 !== ty) continue;
      const known = cells.get(column + 1_000 * row);
      if (known) known.count++;
      else {
        const cell = { column, row, item, count: 1, isTextCard: false, isFromLibrary: false, spread: 0, picture: null };
        cells.set(column + 1_000 * row, cell);
      }
    }
    return [...cells.values()];
  };
  const items = { pictureOf: async () => null, card: async () => null };
  return { map: { collage: { pictures: "photos" } }, items, tileCells } as unknown as MapData;
}

/** Names of one line or two: the taller ones find no place between rows. */
function someLabels(n: number): MapLabel[] {
  const random = randomNumbers();
  const next = () => random.next().value;
  return Array.from({ length: n }, (_, region) => ({
    text: `name ${region}`,
    ...{ x: 20 + 470 * next(), y: 20 + 470 * next(), level: 1, region, nItems: 80 },
    ...{ minZoom: 0, maxZoom: 99, widthPx: 60 + 80 * next(), heightPx: 20 + 22 * (region % 2), fontPx: 16 },
  }));
}

/** The boxes of the names that are on the page, as large as they are drawn. */
function namesIn(page: FakeElement, layer: LabelsLayer, labels: readonly MapLabel[], zoom: number): RectPx[] {
  return [...page.children].map(({ style, dataset }) => {
    const { x, y } = labels[Number(dataset.label)]!;
    const [left, top] = style.transform!.match(/-?[\d.]+(?=px)/g)!.map(Number);
    const size = layer.boxesAt(zoom).find((one) => one.x === x && one.y === y)!;
    return boxAround({ x: left!, y: top! }, size.widthPx, size.heightPx);
  });
}

function shown(labels: readonly MapLabel[]): { page: FakeElement; layer: LabelsLayer } {
  const page = new FakeElement();
  const layer = new LabelsLayer(page as unknown as HTMLElement, { extent: EXTENT, nItems: 6_000 }, () => {});
  layer.set(labels);
  return { page, layer };
}

test("no name lies over a large picture, wherever one looks and however items have grown", async () => {
  const data = dataOf(someItems());
  const collage = { isHere: () => true, tileNow: () => null } as unknown as CollageLayer;
  const items = new ItemsLayer(
    data,
    collage,
    () => {},
    (error) => expect.fail(String(error)),
  );
  items.isCalm = true;
  const labels = someLabels(60);
  const { page, layer } = shown(labels);
  const seen = { names: 0, besideSmall: 0, overSmall: 0, hiding: [] as string[] };
  for (const [x, y] of [
    [150, 160],
    [240, 250],
    [400, 300],
  ] as const) {
    for (let zoom = 2.6; zoom < DEEPEST + 2.2; zoom += 0.2) {
      for (const dx of [0, 3, 6]) {
        const projection = new Projection(EXTENT, VIEWPORT, { x: x + dx, y, zoom });
        const level = Math.min(DEEPEST, Math.floor(zoom + 1.5));
        const paint = () => items.paint({ globalAlpha: 1 } as CanvasRenderingContext2D, projection, level, 0, 1, {} as Tokens);
        if (!paint()) await new Promise((resolve) => setTimeout(resolve));
        expect(paint()).not.toBeNull();
        layer.paint(projection, items.room(projection));
        const names = namesIn(page, layer, labels, zoom);
        const drawn = [...items.drawn()].map(({ rect }) => ({
          ...boxAround(
            { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 },
            COVERED_SHARE * rect.width,
            COVERED_SHARE * rect.width,
          ),
          sidePx: rect.width,
        }));
        for (const name of names) {
          const hidden = drawn.filter((picture) => overlap(name, picture)).map(({ sidePx }) => sidePx);
          if (hidden.some((sidePx) => sidePx >= LARGE_PX)) seen.hiding.push(`${x + dx} ${zoom.toFixed(1)}: ${hidden}`);
          else if (hidden.length > 0) seen.overSmall++;
          seen.names++;
          if (projection.cellPx(level) < LARGE_PX && drawn.some(({ sidePx }) => sidePx >= LARGE_PX)) seen.besideSmall++;
        }
      }
    }
  }
  expect(seen.hiding).toEqual([]);
  expect(seen.names).toBeGreaterThan(200);
  expect(seen.besideSmall).toBeGreaterThan(50);
  expect(seen.overSmall).toBeGreaterThan(0);
});

test("a name that was put elsewhere does not stay there over a large picture, nor over a name that now comes first", () => {
  const place = { level: 1, nItems: 5, minZoom: 0, maxZoom: 99, widthPx: 40, heightPx: 20, fontPx: 16 };
  const moved = { ...place, level: 0, text: "moved", x: 30, y: 300, region: 0 };
  const first = { ...place, text: "first", x: 120, y: 300, region: 1, minZoom: 90 };
  const projectionAt = (x: number) => new Projection(EXTENT, { widthPx: 512, heightPx: 512 }, { x: 256 + x, y: 256, zoom: 0 });
  const { page, layer } = shown([moved, first]);
  const names = () => [...page.children].map(({ textContent }) => textContent);
  const free: Room = { key: "a", cellPx: 60, lineY: 0, isFree: () => true, hidesLarge: () => false };
  const onlyRight: Room = { ...free, isFree: ({ x, width }) => x + width / 2 > 100, hidesLarge: ({ x }) => x < 60 };
  layer.paint(projectionAt(0), onlyRight);
  expect([...page.children][0]!.style.transform).toContain("translate(120.0px, 300.0px)");
  layer.paint(projectionAt(40), free); // its own place has gone beside the screen
  expect(names()).toEqual(["moved"]);
  layer.paint(projectionAt(40), { ...free, hidesLarge: () => true });
  expect(names()).toEqual([]);
  layer.paint(projectionAt(40), free);
  expect(names()).toEqual(["moved"]);
  layer.nameFirst([{ level: 1, region: 1 }]);
  layer.paint(projectionAt(40), free);
  expect(names()).toEqual(["first"]);
});

test("the deepest region that is named at a zoom is told, and from which zoom half of the named parts are", () => {
  const whole = { text: "whole", x: 256, y: 256, level: 0, region: 0, nItems: 400, minZoom: -1, maxZoom: 0.2 };
  const size = { widthPx: 60, heightPx: 20, fontPx: 16 };
  const part = (region: number, minZoom: number) => ({
    ...whole,
    text: "part",
    level: 1,
    region,
    nItems: 6_000,
    minZoom,
    maxZoom: 9,
  });
  const parts = [1, 3, 5].map((minZoom, region) => ({ ...part(region, minZoom), x: 100 * (region + 1) }));
  const { layer } = shown([whole, ...parts].map((label) => ({ ...label, ...size })));
  const path = [
    { level: 0, region: 0 },
    { level: 1, region: 1 },
  ];
  expect(layer.deepestNamed(path, 0)).toEqual(path[0]);
  expect(layer.deepestNamed(path, 2.9)).toEqual(path[0]); // another part is named, and this one is not
  expect(layer.deepestNamed(path, 3)).toEqual(path[1]);
  expect(layer.deepestNamed([{ level: 1, region: 2 }], 4)).toBeNull();
  const ids = [0, 1, 2, 3].map((region) => ({ level: 1, region }));
  expect(layer.halfNamedFrom(ids)).toBe(3);
  expect(layer.halfNamedFrom(ids.slice(2))).toBe(5);
  expect(layer.halfNamedFrom([{ level: 2, region: 0 }])).toBeNull();
});
