// What a swap of a pool asks for before it is made: a gate that the next member must pass, and the
// programs that fence the one and promote the other.

import { z } from "zod";
import type { Hook, Hooks, Pool } from "../failover/pool.ts";
import type { Check, FileRefusal } from "./checks.ts";
import { duration, text, word } from "./fields.ts";
import { readCommand } from "./kinds/report.ts";
import { mendWord } from "./suggest.ts";
import { entryList, section, type YamlPath, type YamlReader } from "./yaml.ts";

const TIMEOUT_DEFAULT_MS = 30_000;

const COMMAND_MEND = "list the program and its arguments, as in [./fence, now]";

const hookSchema = section({
  command: entryList(COMMAND_MEND, z.string()),
  timeout: duration({ minMs: 100, maxMs: 3_600_000 }).optional(),
  onFailure: word(["abort", "continue"]).optional(),
});

/** The keys of a pool that this file reads. */
export const handoverKeys = {
  gate: section({
    check: text("the name of a check"),
    mode: word(["required", "advisory"]).optional(),
  }).optional(),
  fence: hookSchema.optional(),
  promote: hookSchema.optional(),
};

const handoverSchema = section(handoverKeys);

/** What the keys are read with. */
export interface HandoverReading {
  readonly reader: YamlReader;
  /** The pool. */
  readonly at: YamlPath;
  readonly raw: z.infer<typeof handoverSchema> & {
    readonly failback?: { readonly mode?: "auto" | "manual" | undefined } | undefined;
  };
  readonly file: string;
  readonly fileRefusal: FileRefusal;
  readonly checks: ReadonlyMap<string, Check | undefined>;
}

/** What a swap asks for; each part absent where nothing was written. */
export interface HandoverTerms extends Pick<Pool, "gate" | "hooks"> {
  /** What is asked of members for the gate. */
  readonly gateCheck?: Check;
  /** The first of the pool's keys that can only be meant for one member at a time. */
  readonly wantedBy?: "gate" | "fence" | "promote";
}

/** Reads gate and hooks; what is bad is noted and left out. */
export function readHandover(reading: HandoverReading): HandoverTerms {
  const { raw, reader, at } = reading;
  const wantedBy = (["gate", "fence", "promote"] as const).find((key) => raw[key] !== undefined);
  if (wantedBy === undefined) return {};
  const gateCheck = readGate(reading);
  const fence = readHook(reading, "fence");
  const promote = readHook(reading, "promote");
  const hooks: Hooks = {
    ...(fence !== undefined && { fence }),
    ...(promote !== undefined && { promote }),
  };
  if (raw.promote !== undefined && (raw.failback?.mode ?? "auto") === "auto") {
    const state = 'failback is "auto": what was promoted moves back by itself after the hold';
    reader.warn([...at, "promote"], `${state}; write failback: { mode: manual } if it must not`);
  }
  if (raw.promote !== undefined && raw.fence === undefined) {
    const state = "nothing fences the old primary: it may come back beside the promoted one";
    reader.warn([...at, "promote"], state);
  }
  return {
    wantedBy,
    ...(gateCheck !== undefined && { gate: raw.gate?.mode ?? "required", gateCheck }),
    ...(Object.keys(hooks).length > 0 && { hooks }),
  };
}

function readGate({ raw, reader, at, checks }: HandoverReading): Check | undefined {
  const name = raw.gate?.check;
  if (name === undefined) return undefined;
  if (!checks.has(name)) {
    const known = [...checks.keys()];
    const mend = known.length === 0 ? `define it under "checks"` : mendWord(name, known);
    reader.complain([...at, "gate", "check"], `there is no check "${name}"; ${mend}`);
  }
  return checks.get(name);
}

function readHook(reading: HandoverReading, key: "fence" | "promote"): Hook | undefined {
  const raw = reading.raw[key];
  if (raw === undefined) return undefined;
  const command = readCommand({ ...reading, at: [...reading.at, key] }, raw.command, COMMAND_MEND);
  if (command === undefined) return undefined;
  const timeoutMs = raw.timeout ?? TIMEOUT_DEFAULT_MS;
  return { command, timeoutMs, onFailure: raw.onFailure ?? "abort" };
}
