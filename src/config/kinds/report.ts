// Checks of kind exec and push, which open no connection: a program's verdict, and reports that
// come in by themselves.

import type { ExecAsk, PushAsk } from "../ask.ts";
import { duration, text } from "../fields.ts";
import { pathBeside } from "../paths.ts";
import { entryList, section, shown } from "../yaml.ts";
import { addressKey, type CheckReading, healthKeys, type KindReading, kindKey } from "./common.ts";

const ARGUMENTS_MAX = 64;
const ARGUMENT_OCTETS_MAX = 4096;
const COMMAND_MEND = 'list the program and its arguments, as in [./check-disk, "{address}"]';
/** Reading a report costs nothing: it is looked at often, and each counts by itself. */
const PUSH_DEFAULTS = { intervalMs: 1000, timeoutMs: 1000, fall: 1, rise: 1 };

export const execCheck = section({
  kind: kindKey,
  command: entryList(COMMAND_MEND, text("a text")),
  ...healthKeys,
  address: addressKey,
});

export const pushCheck = section({
  kind: kindKey,
  ttl: duration({ minMs: 1000, maxMs: 7 * 86_400_000 }),
  ...healthKeys,
});

/** Reads a check of kind exec. `{address}` in an argument becomes the target's address. */
export function readExec(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, execCheck);
  const command = raw && readCommand(reading, raw.command);
  if (raw === undefined || command === undefined) return undefined;
  const [program, ...rest] = command;
  const ask = (to: string): ExecAsk => ({
    kind: "exec",
    address: to,
    port: 0,
    tripwire: false,
    command: [program, ...rest.map((argument) => argument.replaceAll("{address}", to))],
  });
  return { raw, ask };
}

/** Reads a check of kind push. */
export function readPush(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, pushCheck);
  if (raw === undefined) return undefined;
  const { name } = reading;
  const ask = (to: string): PushAsk => ({
    kind: "push",
    address: to,
    port: 0,
    tripwire: false,
    name,
    ttlMs: raw.ttl,
  });
  return { raw, ask, defaults: PUSH_DEFAULTS, reportTtlMs: raw.ttl };
}

/** The program's own name; the whole command is hashed. */
export function identifyExec(ask: ExecAsk): { path: string; rest: object } {
  const [program] = ask.command;
  const name = program.slice(program.lastIndexOf("/") + 1);
  return { path: `/${name}`, rest: { command: ask.command } };
}

/** The check's name. */
export function identifyPush(ask: PushAsk): { path: string; rest: object } {
  return { path: `/${ask.name}`, rest: {} };
}

/** Reads the `command` of `at`: a program's path, which must be one that others cannot rewrite. */
export function readCommand(
  { reader, at, file, fileRefusal }: Pick<CheckReading, "reader" | "at" | "file" | "fileRefusal">,
  entries: readonly unknown[],
  mend = COMMAND_MEND,
): readonly [string, ...string[]] | undefined {
  const here = [...at, "command"];
  const bad = (index: number, sentence: string): undefined => {
    reader.complain([...here, index], sentence);
  };
  const words: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== "string") return bad(index, `${shown(entry)} is not text; quote it`);
    if (entry.includes("\0")) return bad(index, "it holds a zero octet; write text without one");
    if (entry.length > ARGUMENT_OCTETS_MAX) {
      return bad(index, `it is longer than ${ARGUMENT_OCTETS_MAX} characters; use a file`);
    }
    words.push(entry);
  }
  const [program, ...rest] = words;
  if (program === undefined || words.length > ARGUMENTS_MAX) {
    const state = program === undefined ? "it is empty" : `it is longer than ${ARGUMENTS_MAX}`;
    reader.complain(here, `${state}; ${mend}`);
    return undefined;
  }
  if (!program.includes("/")) {
    return bad(0, `"${program}" is not a path; write ./${program} or /usr/bin/${program}`);
  }
  const path = pathBeside(file, program);
  const refusal = fileRefusal(path, "program");
  return refusal === undefined ? [path, ...rest] : bad(0, refusal);
}
