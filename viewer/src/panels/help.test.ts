import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const sourceOf = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
/** Another way to type a key that is listed, or part of a line of text. */
const TOLD_OTHERWISE: Record<string, string> = {
  "=": '"+"',
  "-": '"−"',
  ArrowLeft: '"←"',
  ArrowRight: '"→"',
  ArrowUp: '"↑"',
  ArrowDown: '"↓"',
  Enter: '"↵"',
  Escape: '"Esc"',
  w: "w a s d",
  a: "w a s d",
  s: "w a s d",
  d: "w a s d",
};

test("the help lists every key that the map hears", () => {
  const acts = /const keyActs: KeyActs = \{\n([\s\S]*?)\n\};/.exec(sourceOf("./Explorer.svelte"))![1]!;
  const heard = [...acts.matchAll(/^ {2}"?([^":\s]+)"?:? ?/gm)]
    .map(([, key]) => key!.replace(",", ""))
    .filter((key) => key !== "}");
  expect(heard.length).toBeGreaterThan(25);
  const help = sourceOf("./HelpPanel.svelte");
  const listed = /const keys = [\s\S]*?\n\]\);/.exec(help)![0];
  expect(heard.filter((key) => !listed.includes(TOLD_OTHERWISE[key] ?? `"${key}"`))).toEqual([]);
});
