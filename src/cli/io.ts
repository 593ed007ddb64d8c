// What the command line needs of the world, as an interface: tests hand in a world of their own.

import { createReadStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { codeOf, messageOf } from "../base/errors.ts";
import type { FileRefusal } from "../config/checks.ts";
import type { Terminal } from "./dash/run.ts";
import { openTerminal } from "./terminal.ts";

/** How a verb ended: 0 good, 1 what was checked or asked for is bad, 2 wrong usage, 3 not in time. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** A file's octets, or why there are none. */
export type FileContent =
  | { readonly kind: "read"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** The world of the command line. */
export interface CliIo {
  /** What was asked for. */
  out(text: string): void;
  /** Complaints. */
  err(text: string): void;
  readFile(path: string): FileContent;
  /** Writes a file that is not there yet, with its folders; the sentence where it cannot be. */
  writeNewFile(path: string, text: string): string | undefined;
  /** Names in a folder, or why it cannot be read. */
  listFolder(path: string): readonly string[] | { readonly failed: string };
  /** The lines of a file, or of standard input for "-". Throws while it is read if it cannot be. */
  lines(path: string): AsyncIterable<string>;
  /** The terminal for whole pictures, taken over; undefined where the output is none. */
  terminal(): Terminal | undefined;
  /** Wall milliseconds. */
  now(): number;
  sleep(forMs: number): Promise<void>;
  /** A variable of the environment; undefined where it is not set, or empty. */
  env(name: string): string | undefined;
  /** Who runs this, for the log. */
  userName(): string;
  /** Why a cron expression is none, or `undefined` when it is one. */
  cronError(expression: string): string | undefined;
  /** Why a file that the configuration names cannot be used so, as `state; mend`. */
  fileRefusal: FileRefusal;
  /** Whether `out` goes to a terminal that may be given colours. */
  readonly outHasColours: boolean;
  readonly errHasColours: boolean;
  readonly version: string;
}

/** The world as it is. */
export function realIo(known: Pick<CliIo, "version" | "cronError" | "fileRefusal">): CliIo {
  const { stdout, stderr, env } = process;
  const isPlain = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  for (const stream of [stdout, stderr]) {
    // `livezone … | head` ends early: that is no error of ours.
    stream.on("error", (error) => {
      if (codeOf(error) !== "EPIPE") throw error;
      process.exit(0);
    });
  }
  return {
    ...known,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readFile,
    writeNewFile,
    listFolder,
    lines,
    terminal: openTerminal,
    now: () => Date.now(),
    sleep: (forMs) => new Promise((resolve) => setTimeout(resolve, forMs)),
    env: (name) => env[name] || undefined,
    userName,
    outHasColours: stdout.isTTY === true && !isPlain,
    errHasColours: stderr.isTTY === true && !isPlain,
  };
}

/** A user without an entry in the password file has a number all the same. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

function readFile(path: string): FileContent {
  try {
    return { kind: "read", bytes: readFileSync(path) };
  } catch (error) {
    const code = codeOf(error) ?? "UNKNOWN";
    return { kind: "failed", code, message: `Cannot read "${path}": ${stateOf(error)}` };
  }
}

function writeNewFile(path: string, text: string): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
    return undefined;
  } catch (error) {
    return `Cannot write "${path}": ${stateOf(error)}`;
  }
}

async function* lines(path: string): AsyncIterable<string> {
  const input = path === "-" ? process.stdin : createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new Error(`Cannot read "${path}": ${stateOf(error)}`, { cause: error });
  }
}

function listFolder(path: string): readonly string[] | { readonly failed: string } {
  try {
    return readdirSync(path);
  } catch (error) {
    return { failed: `Cannot read folder "${path}": ${stateOf(error)}` };
  }
}

/** A system call's error in words; the code stays for those who look it up. */
function stateOf(error: unknown): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EEXIST: "it is there already; name another folder",
    EACCES: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is no folder",
  };
  return words[codeOf(error) ?? ""] ?? messageOf(error);
}
