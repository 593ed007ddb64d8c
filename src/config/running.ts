// How the process runs: as which user, and where its log goes.

import type { z } from "zod";
import { bad, count, flag, leaf, ok, text, word } from "./fields.ts";
import { pathBeside } from "./paths.ts";
import { section, type YamlReader } from "./yaml.ts";

/** How loud the log is, in pino's words. */
type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** When a log file is put aside and another one begun. */
export interface LogRotation {
  /** Octets; undefined: however large it is. */
  readonly octetsMax: number | undefined;
  readonly every: "hourly" | "daily" | undefined;
  /** Files that stay beside the one that is written. */
  readonly keep: number;
}

/** Where the log goes, and how. */
export interface LogConfig {
  readonly level: LogLevel;
  /** Undefined: where standard output is a terminal. */
  readonly pretty: boolean | undefined;
  /** Undefined: standard output. */
  readonly file: string | undefined;
  /** Undefined: the file grows, and is opened anew by SIGHUP. */
  readonly rotation: LogRotation | undefined;
}

export const LOG_DEFAULTS: LogConfig = {
  level: "info",
  pretty: undefined,
  file: undefined,
  rotation: undefined,
};

const SIZE_MEND = 'write one such as "100m" (k, m or g)';
const SIZE_DEFAULT_OCTETS = 100 << 20;
const KEEP_DEFAULT = 7;
const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

const size = leaf({ what: "a size", mend: SIZE_MEND }, (value) => {
  const [, digits = "", unit = ""] = /^([1-9][0-9]{0,5})([kmg])$/i.exec(String(value)) ?? [];
  const octets = Number(digits) * (UNITS[unit.toLowerCase()] ?? 0);
  return octets === 0 ? bad(`"${value}" is not a size; ${SIZE_MEND}`) : ok(octets);
});

export const logSection = section({
  level: word(["trace", "debug", "info", "warn", "error"]).optional(),
  pretty: flag.optional(),
  file: text("a path").optional(),
  rotate: section({
    size: size.optional(),
    every: word(["hourly", "daily"]).optional(),
    keep: count({ min: 1, max: 1000 }).optional(),
  }).optional(),
});

const USER = /^[a-z_][a-z0-9_-]*[$]?$/i;

/** The key by which a server that was started as root becomes somebody else. */
export const userKey = leaf({ what: "a user", mend: "write a user's name" }, (value) => {
  if (value === "root") return bad('"root" is who it is to stop being; write another user');
  return USER.test(String(value))
    ? ok(String(value))
    : bad(`"${value}" is not a user's name; write one such as livezone`);
}).optional();

/** Reads the `log` section; paths are taken from the folder of `file`. */
export function readLog(
  reader: YamlReader,
  raw: z.infer<typeof logSection> | undefined,
  file: string,
): LogConfig {
  if (raw?.rotate !== undefined && raw.file === undefined) {
    const state = "standard output is rotated by whoever keeps it";
    reader.complain(["log", "rotate"], `${state}; write "file" beside it, or remove it`);
  }
  return {
    level: raw?.level ?? LOG_DEFAULTS.level,
    pretty: raw?.pretty,
    file: raw?.file === undefined ? undefined : pathBeside(file, raw.file),
    rotation: raw?.rotate && rotationOf(raw.rotate),
  };
}

function rotationOf(
  raw: NonNullable<NonNullable<z.infer<typeof logSection>>["rotate"]>,
): LogRotation {
  const { every, keep = KEEP_DEFAULT } = raw;
  const octetsMax = raw.size ?? (every === undefined ? SIZE_DEFAULT_OCTETS : undefined);
  return { octetsMax, every, keep };
}
