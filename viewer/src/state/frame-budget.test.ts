import { expect, test } from "vitest";
import { FrameBudget } from "./frame-budget";

/** Moves for some frames on a machine that needs so long for each point. */
function moveFor(budget: FrameBudget, nFrames: number, msPerPoint: number, inView = 10_000_000): number[] {
  const drawn: number[] = [];
  for (let frame = 0; frame < nFrames; frame++) {
    const n = Math.min(inView, budget.moving);
    budget.took(Math.max(16.7, n * msPerPoint), n);
    drawn.push(n);
  }
  return drawn;
}

test("a quick machine draws all that is allowed", () => {
  const budget = new FrameBudget(1_000_000);
  expect(budget.resting).toBe(1_000_000);
  expect(moveFor(budget, 200, 1e-6).at(-1)).toBe(1_000_000);
});

test("a slow machine comes to draw what it can in a frame, and more at rest", () => {
  const budget = new FrameBudget(1_000_000);
  const drawn = moveFor(budget, 60, 3e-4);
  expect(drawn.at(-1)! * 3e-4).toBeLessThan(45);
  expect(budget.resting).toBeGreaterThan(2 * budget.moving);
});

test("one slow frame between quick ones changes nothing", () => {
  const budget = new FrameBudget(1_000_000);
  const { moving } = budget;
  for (const ms of [17, 17, 300, 17, 120, 17]) budget.took(ms, moving);
  expect(budget.moving).toBe(moving);
});

test("quick frames with few points in view do not raise what a slow machine draws", () => {
  const budget = new FrameBudget(1_000_000);
  moveFor(budget, 60, 3e-4);
  const { moving } = budget;
  moveFor(budget, 200, 3e-4, 5_000);
  expect(budget.moving).toBe(moving);
});

test("it never falls below what shows a map, and comes back when frames are quick again", () => {
  const budget = new FrameBudget(1_000_000);
  moveFor(budget, 100, 1);
  expect(budget.moving).toBe(40_000);
  moveFor(budget, 200, 1e-6);
  expect(budget.moving).toBe(1_000_000);
});

test("a small map's own slowness never asks for more points than it has", () => {
  const budget = new FrameBudget(3_000);
  moveFor(budget, 50, 1);
  expect(budget.moving).toBe(3_000);
});
