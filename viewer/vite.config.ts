import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const built = fileURLToPath(new URL("./dist", import.meta.url));
const shipped = fileURLToPath(new URL("../src/vista/static", import.meta.url));

/** The Python package ships the viewer; its folder also holds a page of our own, so only what the build made is replaced. */
function shipWithPackage(): Plugin {
  return {
    name: "ship-with-package",
    apply: "build",
    closeBundle() {
      if (!existsSync(`${built}/index.html`)) return;
      mkdirSync(shipped, { recursive: true });
      rmSync(`${shipped}/assets`, { recursive: true, force: true });
      cpSync(built, shipped, { recursive: true });
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [svelte(), shipWithPackage()],
  build: {
    outDir: "dist",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
