#!/usr/bin/env node
// The binary: the command line, with a server behind `serve`.

import { readFileSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import { realIo } from "../cli/io.ts";
import { runProgram } from "../cli/program.ts";
import type { ServeOptions } from "../cli/serve.ts";
import { fileRefusal } from "../files/refusal.ts";
import { simulate } from "../rehearsal/simulate.ts";
import { copyStore, restoreStore } from "../store/copies.ts";
import { cronError } from "./calendar.ts";
import { serve } from "./serve.ts";

const io = realIo({ version: ownVersion(), cronError, fileRefusal });

const handlers = {
  serve: (options: ServeOptions) => serve(options, io),
  simulate,
  copies: { copyStore, restoreStore },
};

runProgram(process.argv.slice(2), handlers, io).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    // A defect, not a refusal: those are sentences already.
    io.err(`livezone: ${error instanceof Error ? error.stack : messageOf(error)}\n`);
    process.exitCode = 1;
  },
);

/** The version in package.json, which stands two folders above this file, built or not. */
function ownVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const parsed: unknown = JSON.parse(text);
  const isVersioned = typeof parsed === "object" && parsed !== null && "version" in parsed;
  return isVersioned ? String(parsed.version) : "0.0.0";
}
