import { expect, test } from "vitest";
import { NearestPoint } from "./nearest";

test("the nearest point within reach is found, as by trying all of them", () => {
  const n = 500;
  const xy = Float32Array.from({ length: 2 * n }, (_, index) => (Math.sin(index * 12.9898) * 43758.5453) % 1);
  const item = Uint32Array.from({ length: n }, (_, row) => n - row);
  const positions = { xy, item, rowOf: new Uint32Array(0) };
  const nearest = new NearestPoint(positions, { x0: -1, y0: -1, size: 2 });
  for (const [x, y] of [
    [0, 0],
    [-0.99, 0.99],
    [0.3, -0.7],
  ] as const) {
    let best = { distance: Number.POSITIVE_INFINITY, item: -1 };
    for (let row = 0; row < n; row++) {
      const distance = Math.hypot(xy[2 * row]! - x, xy[2 * row + 1]! - y);
      if (distance < best.distance) best = { distance, item: item[row]! };
    }
    expect(nearest.find(x, y, best.distance * 1.01)).toBe(best.item);
    expect(nearest.find(x, y, best.distance * 0.99)).toBeNull();
  }
});
