import { expect, test } from "vitest";
import { MemoryAddress } from "./memory-address";

test("what the viewer writes is handed on once, and only links tell the viewer", () => {
  const written: string[] = [];
  const address = new MemoryAddress("#a", (hash) => written.push(hash));
  let followed = 0;
  const stop = address.onChange(() => followed++);
  address.replace("#b");
  address.replace("#b");
  address.push("#c");
  expect(followed).toBe(0);
  address.go("#d");
  expect([address.hash, followed]).toEqual(["#d", 1]);
  expect(written).toEqual(["#b", "#c", "#d"]);
  stop();
  address.go("#e");
  expect(followed).toBe(1);
});
