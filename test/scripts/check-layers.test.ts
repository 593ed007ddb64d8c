import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkLayers } from "../../scripts/check-layers.ts";

let root = "";

function plant(files: Readonly<Record<string, string>>): string {
  root = mkdtempSync(join(tmpdir(), "layers-"));
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
  }
  return root;
}

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("checkLayers()", () => {
  it("accepts the source tree as it is", () => {
    expect(checkLayers("src")).toEqual([]);
  });

  it.each([
    [
      "a forbidden room",
      'import { a } from "../store/open.ts";',
      'room "dns" may not import "store"',
    ],
    [
      "a forbidden type",
      'import type { A } from "../zone/a.ts";',
      'room "dns" may not import "zone"',
    ],
    ["a dynamic import", 'await import("../app/main.ts");', 'room "dns" may not import "app"'],
    [
      "another room's private file",
      'import { x } from "../base/inner/x.ts";',
      "is private to room",
    ],
    ["the wall clock", "const now = Date.now();", 'pure room "dns" reads the wall clock'],
    ["own randomness", "const r = Math.random();", 'pure room "dns" draws its own randomness'],
    ["a timer", "setTimeout(() => 1, 1);", 'pure room "dns" plans its own timer'],
    [
      "a file",
      'import { readFileSync } from "node:fs";',
      "imports a module that reaches the world",
    ],
  ])("complains of %s, planted in a pure room", (_case, source, complaint) => {
    const complaints = checkLayers(plant({ "dns/planted.ts": source }));
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(complaint);
  });

  it("complains of a shell that imports another shell, but not of its ports", () => {
    const complaints = checkLayers(
      plant({
        "store/a.ts": 'import type { StorePort } from "../control/ports.ts";',
        "store/b.ts": 'import { Files } from "../files/watch.ts";',
        "store/c.ts": 'import { Engine } from "../control/engine.ts";',
      }),
    );
    expect(complaints).toEqual([
      'store/b.ts: room "store" may not import "files" (files/watch.ts)',
      'store/c.ts: room "store" may not import "control" (control/engine.ts)',
    ]);
  });

  it("keeps the web page apart: it knows of events and the view, and nobody knows of it", () => {
    const complaints = checkLayers(
      plant({
        "admin/web/a.tsx": 'import { fold } from "../../view/fold.ts";\nimport "./style.css";',
        "admin/web/b.tsx": 'import { problem } from "../problem.ts";',
        "admin/web/c.ts": 'import { join } from "node:path";',
        "admin/server.ts": 'import { App } from "./web/app.tsx";',
      }),
    );
    expect(complaints).toEqual([
      'admin/server.ts: room "admin" may not import "admin/web" (admin/web/app.tsx)',
      'admin/web/b.tsx: room "admin/web" may not import "admin" (admin/problem.ts)',
      "admin/web/c.ts: a browser has no module of node",
    ]);
  });

  it("complains of rooms that are not in the design, and of index.ts", () => {
    const complaints = checkLayers(plant({ "utils/a.ts": "", "base/index.ts": "" }));
    expect(complaints).toEqual([
      "base/index.ts: index.ts is not used here",
      'utils/a.ts: "utils" is not a room of the design',
    ]);
  });

  it("takes words in comments for words", () => {
    expect(checkLayers(plant({ "dns/a.ts": "// never Date.now() here\n" }))).toEqual([]);
  });
});
