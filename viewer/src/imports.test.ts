import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** From the page down to the bytes: a folder imports only from those after it. */
const ORDER = ["hosts", "panels", "layers", "state", "bundle", "contract"];
const root = fileURLToPath(new URL(".", import.meta.url));

test.each(ORDER)("%s imports only what lies below it", (folder) => {
  const allowed = ORDER.slice(ORDER.indexOf(folder));
  for (const name of readdirSync(`${root}/${folder}`)) {
    const source = readFileSync(`${root}/${folder}/${name}`, "utf8");
    for (const [, target] of source.matchAll(/from "\.\.\/(\w+)\//g)) expect(allowed, `${folder}/${name}`).toContain(target);
  }
});

test("only one module draws by WebGL", () => {
  const drawing = readdirSync(`${root}/layers`).filter((name) =>
    readFileSync(`${root}/layers/${name}`, "utf8").includes("WebGL2RenderingContext"),
  );
  expect(drawing).toEqual(["points-webgl.ts"]);
});
