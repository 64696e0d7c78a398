import { expect, test } from "vitest";
import type { PointTile } from "./point-tiles";
import { firstRun, TileQueue, type TileRun, type TileWish } from "./tile-queue";

function tileAt(index: number, start = index * 16_384): PointTile {
  return { index, z: 1, tx: 0, ty: 0, start, n: 16_384, nAll: 16_384 };
}

function wish(index: number, file = "xy"): TileWish {
  return { file, tile: tileAt(index) };
}

/** A queue whose loads end when the test says so. */
function queued() {
  const runs: { run: TileRun; signal: AbortSignal; end: () => void; fail: (error: unknown) => void }[] = [];
  const failures: unknown[] = [];
  const queue = new TileQueue(
    (run, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        runs.push({ run, signal, end: resolve, fail: reject });
      }),
    () => {},
    (error) => failures.push(error),
  );
  return { queue, runs, failures };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const indices = ({ tiles }: TileRun) => tiles.map(({ index }) => index);

test("one request brings the tile that is wanted most and wanted ones beside it, of one file", () => {
  const run = firstRun([wish(5), wish(40), wish(4), wish(6), wish(6, "codes"), wish(9)])!;
  expect(run.file).toBe("xy");
  expect(indices(run)).toEqual([4, 5, 6]);
});

test("the root, which shows the whole map, comes by itself", () => {
  const root = { file: "xy", tile: { ...tileAt(0), z: 0 } };
  expect(indices(firstRun([root, wish(1), wish(2)])!)).toEqual([0]);
});

test("a request does not grow without end", () => {
  const run = firstRun(Array.from({ length: 100 }, (_, index) => wish(index)))!;
  expect(run.tiles.length).toBeLessThan(10);
});

test("at most six requests run, and the next ones start in the order of the wishes", async () => {
  const { queue, runs } = queued();
  queue.want([90, 80, 70, 60, 50, 40, 30, 20].map((index) => wish(index)));
  expect(runs.map(({ run }) => indices(run)[0])).toEqual([90, 80, 70, 60, 50, 40]);
  runs[2]!.end();
  await settled();
  expect(runs.map(({ run }) => indices(run)[0]).slice(6)).toEqual([30]);
});

test("what is wanted no more is given up, and what is still wanted goes on", async () => {
  const { queue, runs, failures } = queued();
  queue.want([wish(10), wish(20)]);
  queue.want([wish(20), wish(30)]);
  await settled();
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
  expect(indices(runs[2]!.run)).toEqual([30]);
  expect(failures).toEqual([]);
});

test("a bad tile is found by reading its run one by one, and is not asked for again at once", async () => {
  const { queue, runs, failures } = queued();
  const wishes = [wish(1), wish(2), wish(3)];
  queue.want(wishes);
  runs[0]!.fail(new Error("truncated"));
  await settled();
  queue.want(wishes);
  expect(runs.slice(1).map(({ run }) => indices(run))).toEqual([[1], [2], [3]]);
  expect(failures).toEqual([]);
  runs[1]!.end();
  runs[2]!.fail(new Error("truncated"));
  runs[3]!.end();
  await settled();
  expect(failures).toHaveLength(1);
  queue.want([wish(2)]);
  expect(runs).toHaveLength(4);
  queue.want([wish(2)], performance.now() + 60_000);
  expect(runs).toHaveLength(5);
});
