// Builds the web page into dist/admin/web, where the server serves it from.

import { defineConfig } from "vite";

/** Rooms of data alone: what is not used of them needs not be in the page. */
const PURE = /[/\\]src[/\\](?:base|events|view)[/\\]|[/\\]node_modules[/\\]zod[/\\]/;

export default defineConfig({
  root: "src/admin/web",
  base: "./",
  build: {
    outDir: "../../../dist/admin/web",
    emptyOutDir: true,
    target: "es2022",
    // Nothing may be inlined: the page's policy allows files of its own alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { treeshake: { moduleSideEffects: (id) => !PURE.test(id) } },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
