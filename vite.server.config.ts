// Builds the program and the threads it starts into dist/app, a few files instead of a module each:
// every thread reads what it runs from disk, and reading hundreds of small files is most of a start.

import { defineConfig } from "vite";

/** The binary, and what runs in threads of its own: found beside it by their names. */
const ENTRIES = [
  "main",
  ...["answer", "control", "loader", "store", "stream"].map((kind) => `${kind}-thread`),
];

export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: "dist",
    emptyOutDir: true,
    target: "node20",
    sourcemap: true,
    minify: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: ENTRIES.map((name) => `src/app/${name}.ts`),
      // A constant becomes part of the code that is compiled for a packet; a variable, which vite
      // would make of it, is read and checked each time. Three passes: some are made of others.
      optimization: { inlineConst: { mode: "all", pass: 3 } },
      output: {
        topLevelVar: false,
        entryFileNames: "app/[name].js",
        chunkFileNames: "app/[name]-[hash].js",
      },
    },
  },
});
