import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const shipped = fileURLToPath(new URL("../src/vista/static", import.meta.url));

/** Puts the styles, fonts inside, into the code that adopts them: a notebook's page gets one file. */
function stylesInside(): Plugin {
  return {
    name: "styles-inside",
    enforce: "post",
    generateBundle(_options, bundle) {
      let styles = "";
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type !== "asset" || !name.endsWith(".css")) continue;
        styles += typeof file.source === "string" ? file.source : new TextDecoder().decode(file.source);
        delete bundle[name];
      }
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk") file.code = file.code.replaceAll("VIEWER_STYLES", () => JSON.stringify(styles));
      }
    },
  };
}

/** The viewer as one ES module for notebooks. */
export default defineConfig({
  plugins: [svelte(), stylesInside()],
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: shipped,
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/hosts/widget.ts", formats: ["es"], fileName: () => "widget.js" },
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: false } },
    chunkSizeWarningLimit: 2_500,
  },
});
