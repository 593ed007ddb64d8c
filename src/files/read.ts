// Reading one file as it is now: its octets and their hash, or one sentence that says why not.

import { createHash } from "node:crypto";
import { type BigIntStats, lstatSync, readFileSync, statSync } from "node:fs";
import { codeOf, messageOf } from "../base/errors.ts";
import type { FileLook, FileRead } from "../control/ports.ts";

/** Larger files are refused: the control thread would be gone for seconds. */
const FILE_OCTETS_MAX = 2 ** 30;

/** A file written less than this before it was read may be written again within the same stamp. */
const STAMP_MS = 2000;

const STATES: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ELOOP: "its symbolic links lead in a circle",
};

/** Reads a whole file. Never throws, and never waits on a pipe or a device. */
export function readWhole(path: string): FileRead {
  try {
    // Opening a pipe would wait for its other end, for ever; a device may have no end.
    const stat = statSync(path);
    if (stat.isDirectory()) return failed(path, "EISDIR", STATES["EISDIR"] ?? "");
    if (!stat.isFile()) return failed(path, "NOT_A_FILE", "it is not a regular file");
    if (stat.size > FILE_OCTETS_MAX) {
      return failed(path, "TOO_LARGE", `it is larger than ${FILE_OCTETS_MAX} octets`);
    }
    const bytes = readFileSync(path);
    return { kind: "read", bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  } catch (error) {
    const code = codeOf(error) ?? "UNKNOWN";
    return failed(path, code, STATES[code] ?? messageOf(error));
  }
}

/** What two readings must have in common to be the same: the hash, or the reason of the failure. */
function identityOf(read: FileRead): string {
  return read.kind === "read" ? read.sha256 : `failed ${read.code}`;
}

/** A file's outside: when it changes, the content may have. Links are followed. */
export interface Outside {
  /** Equal for equal outsides; "absent" where there is no file. */
  readonly signature: string;
  /** Wall milliseconds of the last write; 0 where there is no file. */
  readonly writtenWallMs: number;
  /** 0 where there is no file. */
  readonly octets: number;
}

/** What is known of a file that looked so from outside just before it was read, at `wallMs`. */
export function lookOf(path: string, outside: Outside, read: FileRead, wallMs: number): FileLook {
  const { signature, writtenWallMs } = outside;
  const isFresh = Math.abs(wallMs - writtenWallMs) < STAMP_MS;
  return { path, identity: identityOf(read), signature, isFresh };
}

/** Looks at a file without opening it. */
export function lookAt(path: string): Outside {
  const stat = statOf(path);
  if (stat === undefined) return { signature: "absent", writtenWallMs: 0, octets: 0 };
  const { dev, ino, size, mtimeNs, ctimeNs } = stat;
  return {
    signature: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`,
    writtenWallMs: Number(mtimeNs / 1_000_000n),
    octets: Number(size),
  };
}

/** Whether a path is a symbolic link itself; one that is not there is none. */
export function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // A folder on the way that cannot be entered: to us, the file is not there.
    return undefined;
  }
}

function failed(path: string, code: string, state: string): FileRead {
  const noun = /\.ya?ml$/i.test(path) ? "configuration file" : "zone file";
  return { kind: "failed", code, message: `Cannot read ${noun} "${path}": ${state}` };
}
