// What every kind of check is read with: the keys they share, and what a kind's file hands back.

import type { z } from "zod";
import { type Family, familyOf } from "../../base/ip.ts";
import type { HealthSettings } from "../../health/settings.ts";
import type { Ask, Login, TlsTerms } from "../ask.ts";
import type { FileRefusal } from "../checks.ts";
import { cron } from "../cron.ts";
import { errorRateKey } from "../error-rate.ts";
import {
  address,
  bad,
  count,
  duration,
  flag,
  leaf,
  ok,
  type Reading,
  share,
  text,
  word,
} from "../fields.ts";
import { pathBeside } from "../paths.ts";
import { placeShape } from "../places.ts";
import { readLater, type YamlPath, type YamlReader } from "../yaml.ts";

/** Every kind of check, in the order complaints list them. */
const KINDS: readonly Ask["kind"][] = [
  "http",
  "https",
  "tcp",
  "tls",
  "dns",
  "icmp",
  "redis",
  "postgres",
  "exec",
  "push",
];

/** One entry of `checks` that is being read. */
export interface CheckReading {
  readonly reader: YamlReader;
  readonly at: YamlPath;
  readonly name: string;
  readonly value: unknown;
  /** The pools file: paths are relative to its folder. */
  readonly file: string;
  readonly fileRefusal: FileRefusal;
}

/** A check as its kind's file reads it; what all kinds share is read from `raw` by the caller. */
export interface KindReading {
  readonly raw: RawHealth;
  /** What a target at `to` (canonical IP text) is asked. */
  readonly ask: (to: string) => Ask;
  /** Where this kind's defaults differ from the common ones. */
  readonly defaults?: Partial<HealthSettings>;
  /** For kinds that wait for reports: how long the last one counts, in milliseconds. */
  readonly reportTtlMs?: number;
}

const DAY_MS = 86_400_000;
const INTERVAL_MIN_MS = 100;

/** The keys by which answers are weighed. */
export const healthKeys = {
  interval: duration({ minMs: INTERVAL_MIN_MS, maxMs: DAY_MS }).optional(),
  schedule: cron.optional(),
  timeout: duration({ minMs: 10, maxMs: DAY_MS }).optional(),
  jitter: share({ most: 0.5 }).optional(),
  fall: count({ min: 1, max: 100 }).optional(),
  rise: count({ min: 1, max: 100 }).optional(),
  restartGrace: duration({ minMs: 0, maxMs: 3_600_000 }).optional(),
  errorRate: errorRateKey.optional(),
};

/** What `healthKeys` read. */
export interface RawHealth {
  readonly interval?: number | undefined;
  /** A cron expression in place of an interval. */
  readonly schedule?: string | undefined;
  readonly timeout?: number | undefined;
  readonly jitter?: number | undefined;
  readonly fall?: number | undefined;
  readonly rise?: number | undefined;
  readonly restartGrace?: number | undefined;
  readonly errorRate?: z.infer<typeof errorRateKey> | undefined;
  /** Read by `places.ts`. */
  readonly address?: unknown;
}

/** `kind` itself. */
export const kindKey = word(KINDS);

/** Where to ask instead of the answered address; read by `places.ts`. */
export const addressKey = readLater(placeShape).optional();

/** The local address to ask from. */
export const sourceKey = address.optional();

/** A source address counts for targets of its family; for others the system chooses. */
export function sourceFor(source: string | undefined, to: string): { readonly source?: string } {
  const family: Family | undefined = source === undefined ? undefined : familyOf(source);
  return source === undefined || family !== familyOf(to) ? {} : { source };
}

/** An address as it stands in a URL. */
export function urlHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** A host name, or an address as a URL holds it. */
export const hostKey = leaf({ what: "a host name", mend: "write a host name" }, readHost);

/** The keys of a TLS connection, the host name apart. */
export const tlsKeys = {
  warnDays: count({ min: 0, max: 3650 }).optional(),
  insecure: flag.optional(),
  ca: text("a path").optional(),
};

interface RawTls {
  readonly host?: string | undefined;
  readonly warnDays?: number | undefined;
  readonly insecure?: boolean | undefined;
  readonly ca?: string | undefined;
}

const WARN_DAYS = 14;

/** The terms of TLS, by the address asked; `undefined` after a complaint. */
export function readTlsTerms(
  reading: CheckReading,
  raw: RawTls,
): ((to: string) => TlsTerms) | undefined {
  const { reader, at } = reading;
  const { host, insecure = false, ca, warnDays = WARN_DAYS } = raw;
  if (host === undefined && !insecure) {
    const mend = "write the name that the certificate must hold";
    reader.complainOfKey([...at, "host"], `it is missing; ${mend}`);
    return undefined;
  }
  if (insecure && ca !== undefined) {
    reader.complain([...at, "ca"], '"insecure" looks at no certificate; remove one of the two');
    return undefined;
  }
  const caFile = ca === undefined ? undefined : namedFile(reading, "ca", ca, "text");
  return (to) => ({
    name: unbracketed(host ?? to),
    warnDays,
    isInsecure: insecure,
    ...(caFile === undefined ? {} : { caFile }),
  });
}

/**
 * The path of a file that a check names. One that cannot be used now is doubtful, and not refused:
 * it is read with each probe, and may be there by then.
 */
function namedFile(
  { reader, at, file, fileRefusal }: CheckReading,
  key: string,
  path: string,
  use: "text" | "secret",
): string {
  const full = pathBeside(file, path);
  const refusal = fileRefusal(full, use);
  if (refusal !== undefined) reader.warn([...at, key], refusal);
  return full;
}

/** What of the terms of TLS is not default, the name apart. */
export function identifyTls({ isInsecure, caFile }: TlsTerms): object {
  return {
    ...(isInsecure ? { insecure: true } : {}),
    ...(caFile === undefined ? {} : { ca: caFile }),
  };
}

/** The keys of a login. */
export const loginKeys = {
  user: text("a user's name").optional(),
  password: text("a password").optional(),
  passwordFile: text("a path").optional(),
};

/** Who to log in as; `undefined` after a complaint. */
export function readLogin(
  reading: CheckReading,
  raw: {
    readonly user?: string | undefined;
    readonly password?: string | undefined;
    readonly passwordFile?: string | undefined;
  },
): Login | undefined {
  const { reader, at } = reading;
  const { user, password } = raw;
  if (password !== undefined && raw.passwordFile !== undefined) {
    reader.complain([...at, "passwordFile"], '"password" stands there too; remove one of the two');
    return undefined;
  }
  const zero = [user, password].findIndex((each) => each?.includes("\0"));
  if (zero >= 0) {
    const key = zero === 0 ? "user" : "password";
    reader.complain([...at, key], "it holds a zero octet; write text without one");
    return undefined;
  }
  return {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(raw.passwordFile === undefined
      ? {}
      : { passwordFile: namedFile(reading, "passwordFile", raw.passwordFile, "secret") }),
  };
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function readHost(value: string | number | boolean): Reading<string> {
  const host = String(value);
  if (/^[\w.-]+$|^\[[0-9a-f:.]+\]$/i.test(host)) return ok(host);
  return bad(`"${host}" is not a host name; write one without port or path, as in www.example.org`);
}
