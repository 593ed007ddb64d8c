// Whether files that the configuration names are what they are named for: programs, texts, secrets.

import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { codeOf } from "../base/errors.ts";
import { programRefusal } from "../base/program.ts";
import type { FileUse } from "../control/ports.ts";

/** Why a file cannot be used so, as `state; mend`, or `undefined` where it can. Never throws. */
export function fileRefusal(path: string, use: FileUse): string | undefined {
  try {
    const file = statSync(path);
    if (use === "program") {
      const folderMode = statSync(dirname(resolve(path))).mode;
      const facts = { isFile: file.isFile(), mode: file.mode, ownerId: file.uid, folderMode };
      return programRefusal(path, facts, process.getuid?.() ?? 0);
    }
    if (!file.isFile()) return `"${path}" is not a file; write the path of one`;
    if (use === "secret" && (file.mode & 0o004) !== 0) {
      return `"${path}" can be read by everybody; chmod o-r it`;
    }
    if (use === "key" && (file.mode & 0o077) !== 0) {
      return `"${path}" is open to others than its owner; chmod 600 it`;
    }
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      return `there is no file "${path}"; write the path of one`;
    }
    return `"${path}" cannot be looked at (${code ?? "no reason given"}); let the server read it`;
  }
}
