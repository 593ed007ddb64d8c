// What each built thread loads before it does anything: a start waits for all of it, and a package that
// came along with a shared module has once cost a quarter of one.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const FOLDER = "dist/app";
const IMPORT = /^import (?:[^"]* from )?"([^"]+)";$/gm;

/** Packages that a built file imports, and the files beside it that it is made of. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, name = ""] of readFileSync(`${FOLDER}/${file}`, "utf8").matchAll(IMPORT)) {
    if (name.startsWith("./")) for (const one of packagesOf(name.slice(2), seen)) packages.add(one);
    else if (!name.startsWith("node:")) packages.add(name);
  }
  return packages;
}

/** thread, what it loads at once (koffi and the like come later, where they are asked for) */
const THREADS = [
  ["answer", []],
  ["stream", []],
  ["loader", []],
  ["store", ["better-sqlite3"]],
] as const;

describe("the built threads", () => {
  it.each(THREADS)("%s loads no package but %j at once", (thread, packages) => {
    expect([...packagesOf(`${thread}-thread.js`)].sort()).toEqual(packages);
  });

  it("are read right: control loads what the API is made of", () => {
    const packages = packagesOf("control-thread.js");
    for (const one of ["fastify", "yaml", "zod"]) expect(packages).toContain(one);
  });
});
