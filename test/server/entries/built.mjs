// Finds the built modules that worker threads run: a worker cannot load TypeScript.

import { existsSync } from "node:fs";

const modules = new URL("../../../build/", import.meta.url);

/** A built module, named as below src/ and without ending: "server/batched". */
export async function built(module) {
  const url = new URL(`${module}.js`, modules);
  if (!existsSync(url))
    throw new Error(`Cannot load ${url.pathname}: run "npm run build:modules" first`);
  return import(url.href);
}
