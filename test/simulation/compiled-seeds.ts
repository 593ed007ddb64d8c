// The seeds as one plain file, compiled once for all of them. What loads TypeScript on the way names
// every function as it is made, or looks each import up at every call: a fifth of a thousand seeds.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

type Seeds = typeof import("./seeds.ts");

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `seeds.ts` with all that it imports, packages left out. */
export async function compiledSeeds(): Promise<Seeds> {
  // Below the packages that it imports; it is read once.
  const folder = mkdtempSync(join(ROOT, "node_modules", ".livezone-seeds-"));
  try {
    const rollupOptions = { output: { entryFileNames: "seeds.mjs" } };
    const entry = join(ROOT, "test/simulation/seeds.ts");
    await build({
      ...{ configFile: false, root: ROOT, logLevel: "error" },
      build: { ssr: entry, outDir: folder, target: "node20", minify: false, rollupOptions },
    });
    const compiled: Seeds = await import(pathToFileURL(join(folder, "seeds.mjs")).href);
    return compiled;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
