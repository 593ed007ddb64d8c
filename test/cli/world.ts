// A world for the command line: files in memory, output in lists, a clock that stands still.

import { readFileSync } from "node:fs";
import type { CliIo, ExitStatus } from "../../src/cli/io.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { ServeOptions } from "../../src/cli/serve.ts";
import { simulate } from "../../src/rehearsal/simulate.ts";
import { copyStore, restoreStore } from "../../src/store/copies.ts";

/** What one command line did. */
export interface Run {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
  readonly served: readonly ServeOptions[];
}

const copies = { copyStore, restoreStore };

/** Reads `files` first, and the sample of `zones/` behind them. */
export function fakeIo(
  files: ReadonlyMap<string, string>,
  said: { out(text: string): void; err(text: string): void },
): CliIo {
  return {
    ...said,
    version: "0.1.0",
    outHasColours: false,
    errHasColours: false,
    now: () => 0,
    terminal: () => undefined,
    lines: async function* (path) {
      const text = files.get(path);
      if (text === undefined) throw new Error(`Cannot read "${path}": it does not exist`);
      yield* text.split("\n");
    },
    sleep: () => Promise.resolve(),
    env: () => undefined,
    userName: () => "ann",
    cronError: (expression) =>
      expression.split(" ").length === 5 ? undefined : "it wants five fields",
    fileRefusal: () => undefined,
    writeNewFile: () => undefined,
    listFolder: (path) => {
      const names = [...files.keys()].filter((file) => file.startsWith(`${path}/`));
      if (names.length === 0) return { failed: `Cannot read folder "${path}": it does not exist` };
      return names.map((file) => file.slice(path.length + 1));
    },
    readFile: (path) => {
      const text = files.get(path) ?? sample(path);
      if (text !== undefined) return { kind: "read", bytes: new TextEncoder().encode(text) };
      const message = `Cannot read "${path}": it does not exist`;
      return { kind: "failed", code: "ENOENT", message };
    },
  };
}

/** Runs `livezone` with these arguments, in process. */
export async function run(
  args: readonly string[],
  files: ReadonlyMap<string, string> = new Map(),
  world: Partial<CliIo> = {},
): Promise<Run> {
  let out = "";
  let err = "";
  const served: ServeOptions[] = [];
  const io = fakeIo(files, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  const serve = (options: ServeOptions): Promise<ExitStatus> => {
    served.push(options);
    return Promise.resolve(0);
  };
  const status = await runProgram(args, { serve, simulate, copies }, { ...io, ...world });
  return { status, out, err, served };
}

function sample(path: string): string | undefined {
  return path.startsWith("zones/") ? readFileSync(path, "utf8") : undefined;
}
