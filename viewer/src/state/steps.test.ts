import { expect, test } from "vitest";
import { Steps } from "./steps.svelte";

test("steps are taken back and again, at least fifty of them", () => {
  const steps = new Steps(0);
  for (let at = 1; at <= 60; at++) steps.record(at);
  for (let at = 59; at >= 10; at--) expect(steps.undo()).toBe(at);
  expect(steps.redo()).toBe(11);
  steps.record(99);
  expect(steps.canRedo).toBe(false);
  expect(steps.redo()).toBeNull();
  expect(steps.undo()).toBe(11);
});

test("at the beginning there is nothing to take back", () => {
  const steps = new Steps("first");
  expect([steps.canUndo, steps.undo()]).toEqual([false, null]);
});

test("a handle that is dragged makes one step", () => {
  const steps = new Steps(0);
  for (let at = 1; at <= 9; at++) steps.record(at, "year", 100 * at);
  steps.record(20, "weight", 1_000);
  steps.record(21, "year", 1_050);
  steps.record(22, "year", 9_000);
  expect([steps.undo(), steps.undo(), steps.undo(), steps.undo(), steps.undo()]).toEqual([21, 20, 9, 0, null]);
});

test("what follows a step that was taken back is a step of its own", () => {
  const steps = new Steps(0);
  steps.record(1, "year", 0);
  steps.record(2, "other", 10);
  steps.undo();
  steps.record(3, "year", 20);
  expect([steps.undo(), steps.undo()]).toEqual([1, 0]);
});
