// Finds the built modules that worker threads run: a worker cannot load TypeScript.

import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const dist =
  process.env["LIVEZONE_DIST"] === undefined
    ? new URL("../../../dist/", import.meta.url)
    : pathToFileURL(`${process.env["LIVEZONE_DIST"]}/`);

/** A built module, named as below src/ and without ending: "server/batched". */
export async function built(module) {
  const url = new URL(`${module}.js`, dist);
  if (!existsSync(url)) throw new Error(`Cannot load ${url.pathname}: run "npm run build" first`);
  return import(url.href);
}
