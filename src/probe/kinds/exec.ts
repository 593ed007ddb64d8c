// Kind "exec": a program on this host, whose exit status is the verdict.

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { codeOf } from "../../base/errors.ts";
import { type ProgramFacts, programRefusal } from "../../base/program.ts";
import type { ExecAsk } from "../../config/ask.ts";
import { ProbeError } from "../errors.ts";
import type { Finding, Kind } from "../kind.ts";
import { excerptOf } from "./bytes.ts";
import { Child, type ChildEnd } from "./child.ts";

/**
 * Up when the program exits with 0. It is told the target's address in LIVEZONE_ADDRESS. At the
 * deadline its process group is killed. A program that others may rewrite is never started.
 */
export const exec: Kind<ExecAsk> = {
  begin: ({ command, address }, _env, done) => {
    const [program, ...rest] = command;
    const path = resolve(program);
    const refusal = programRefusal(path, factsOf(path), process.getuid?.() ?? 0);
    if (refusal !== undefined)
      throw new ProbeError("PROBE_BAD_PROGRAM", `Cannot start a program: ${refusal}`);
    const child = new Child(
      [path, ...rest],
      { LIVEZONE_ADDRESS: address },
      {
        ended: (end) => done(findingOf(end, child.output)),
      },
    );
    return () => {
      child.kill();
      return finding("exec-timeout", `killed at its deadline${printed(child.output)}`);
    };
  },
};

function findingOf(end: ChildEnd, output: string): Finding {
  switch (end.kind) {
    case "failed":
      return end.fault;
    case "killed":
      return finding("exec-status", `killed by ${end.signal}${printed(output)}`);
    case "exited":
      if (end.status === 0) return finding("ok", "");
      return finding("exec-status", `exit status ${end.status}${printed(output)}`);
  }
}

function finding(code: Finding["code"], detail: string): Finding {
  return { code, isHard: false, phases: {}, detail };
}

/** The first line that it printed, as it belongs behind what happened. */
function printed(output: string): string {
  const line = output.trim().split("\n")[0] ?? "";
  return line === "" ? "" : `, said ${excerptOf(line)}`;
}

function factsOf(path: string): ProgramFacts | undefined {
  try {
    const file = statSync(path);
    const folderMode = statSync(dirname(path)).mode;
    return { isFile: file.isFile(), mode: file.mode, ownerId: file.uid, folderMode };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
