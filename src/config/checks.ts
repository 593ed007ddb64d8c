// One check of a pools file: what it asks and how its answers are weighed, before an address is
// put in. Each kind's settings are read by a file in `kinds/`; the prober knows only the `Ask`.

import { z } from "zod";
import { DEFAULT_HEALTH, type HealthSettings } from "../health/settings.ts";
import type { Ask } from "./ask.ts";
import { readErrorRate } from "./error-rate.ts";
import type { CheckReading, KindReading, RawHealth } from "./kinds/common.ts";
import { kindKey } from "./kinds/common.ts";
import {
  identifyPostgres,
  identifyRedis,
  postgresCheck,
  readPostgres,
  readRedis,
  redisCheck,
} from "./kinds/database.ts";
import {
  dnsCheck,
  icmpCheck,
  identifyDns,
  identifyIcmp,
  readDns,
  readIcmp,
} from "./kinds/datagram.ts";
import { httpCheck, httpsCheck, identifyHttp, readHttp, readHttps } from "./kinds/http.ts";
import {
  execCheck,
  identifyExec,
  identifyPush,
  pushCheck,
  readExec,
  readPush,
} from "./kinds/report.ts";
import { identifyTcp, readTcp, readTls, tcpCheck, tlsCheck } from "./kinds/tcp.ts";
import { readPlace } from "./places.ts";
import { readRhythm } from "./rhythm.ts";
import { notA } from "./yaml.ts";

/** A check that was read: put an address in and there is something to probe. */
export interface Check {
  readonly name: string;
  readonly settings: HealthSettings;
  /** For checks that wait for reports: how long the last one counts, in milliseconds. */
  readonly reportTtlMs?: number;
  /** Members' addresses for which another one is asked. */
  readonly named: readonly string[];
  /** Whether it asks over TCP, which sends lost packets again. */
  readonly isTcp: boolean;
  /** What the target of a member that is answered with `address` (canonical IP text) is asked. */
  ask(address: string): Ask;
}

/** Why a file cannot be used so, as `state; mend`, or `undefined` where it can. */
export type FileRefusal = (
  path: string,
  use: "program" | "text" | "secret" | "key",
) => string | undefined;

/** What of an ask tells it from others at the same place. */
export interface AskIdentity {
  /** What stands behind address and port, "" or from "/" on. */
  readonly path: string;
  /** What is not default and not spelled out; empty where that is all. */
  readonly rest: object;
}

const kindOnly = z.looseObject(
  { kind: kindKey },
  { error: (issue) => notA(issue.input, "a map", "write { kind: http, port: 80 } or the like") },
);

const READERS: Readonly<Record<Ask["kind"], (reading: CheckReading) => KindReading | undefined>> = {
  http: readHttp,
  https: readHttps,
  tcp: readTcp,
  tls: readTls,
  dns: readDns,
  icmp: readIcmp,
  redis: readRedis,
  postgres: readPostgres,
  exec: readExec,
  push: readPush,
};

const SECTIONS: Readonly<Record<Ask["kind"], z.ZodObject>> = {
  http: httpCheck,
  https: httpsCheck,
  tcp: tcpCheck,
  tls: tlsCheck,
  dns: dnsCheck,
  icmp: icmpCheck,
  redis: redisCheck,
  postgres: postgresCheck,
  exec: execCheck,
  push: pushCheck,
};

/** How a check is written, a section for each kind; `extra` are keys beside (or instead of) its own. */
export function checkShape(extra: z.ZodRawShape = {}): z.ZodType {
  const shapes = Object.entries(SECTIONS).map(([kind, keys]) => {
    return keys.extend({ kind: z.literal(kind), ...extra });
  });
  return z.union(shapes);
}

const WITHOUT_TCP: readonly Ask["kind"][] = ["dns", "icmp", "exec", "push"];

/** Reads one entry of `checks`, or notes why it is none. */
export function readCheck(reading: CheckReading): Check | undefined {
  const { reader, at, value, name } = reading;
  const kind = reader.read(at, value, kindOnly)?.kind;
  if (kind === undefined) return undefined;
  const read = READERS[kind](reading);
  if (read === undefined) return undefined;
  const place = readPlace(reader, at, read.raw.address);
  const settings = readSettings(reading, read);
  if (place === undefined || settings === undefined) return undefined;
  const ask = (address: string): Ask => read.ask(place.of(address));
  const { reportTtlMs } = read;
  const report = reportTtlMs === undefined ? {} : { reportTtlMs };
  const isTcp = !WITHOUT_TCP.includes(kind);
  return { name, settings, named: place.named, isTcp, ask, ...report };
}

/** What tells an ask from others of its kind at the same place. */
export function identify(ask: Ask): AskIdentity {
  switch (ask.kind) {
    case "http":
    case "https":
      return identifyHttp(ask);
    case "tcp":
    case "tls":
      return identifyTcp(ask);
    case "dns":
      return identifyDns(ask);
    case "icmp":
      return identifyIcmp(ask);
    case "redis":
      return identifyRedis(ask);
    case "postgres":
      return identifyPostgres(ask);
    case "exec":
      return identifyExec(ask);
    case "push":
      return identifyPush(ask);
  }
}

function readSettings(
  { reader, at }: CheckReading,
  { raw, defaults, reportTtlMs = 0 }: KindReading,
): HealthSettings | undefined {
  const base = { ...DEFAULT_HEALTH, ...defaults };
  const rhythm = readRhythm(reader, at, raw, base);
  if (rhythm === undefined) return undefined;
  const { intervalMs, timeoutMs } = rhythm;
  const rate = raw.errorRate && readErrorRate(reader, at, raw.errorRate, intervalMs);
  return {
    ...base,
    ...thresholds(raw, base),
    ...(rate !== undefined && { errorRate: rate }),
    ...rhythm,
    staleAfterMs: 3 * intervalMs + timeoutMs + reportTtlMs,
  };
}

function thresholds(raw: RawHealth, base: HealthSettings): Partial<HealthSettings> {
  return {
    fall: raw.fall ?? base.fall,
    rise: raw.rise ?? base.rise,
    restartGraceMs: raw.restartGrace ?? base.restartGraceMs,
  };
}
