// One check of a pools file: what it asks and how its answers are weighed, before an address is
// put in. Each kind's settings have their schema here; the prober's files know only the `Ask`.

import { z } from "zod";
import { formatDuration } from "../base/duration.ts";
import type { Family } from "../base/ip.ts";
import { familyOf } from "../base/ip.ts";
import { DEFAULT_HEALTH, type HealthSettings } from "../health/settings.ts";
import type { Ask } from "./ask.ts";
import {
  address,
  bad,
  count,
  duration,
  flag,
  leaf,
  ok,
  port,
  type Reading,
  text,
  word,
} from "./fields.ts";
import { notA, section, shown, type YamlPath, type YamlReader } from "./yaml.ts";

/** A check that was read: put an address in and there is something to probe. */
export interface Check {
  readonly name: string;
  readonly settings: HealthSettings;
  /** What a target at `address` (canonical IP text) is asked. */
  ask(address: string): Ask;
}

type StatusRange = readonly [number, number];

const KINDS = ["http", "tcp"] as const;
const KINDS_LATER = ["https", "tls", "icmp", "dns", "redis", "postgres", "exec", "push"];
const INTERVAL_MIN_MS = 100;
const DAY_MS = 86_400_000;

/** One range or a list of them. */
const statusRanges = z
  .custom<unknown>((value) => value !== undefined && value !== null, {
    error: (issue) => notA(issue.input, "a status", "write 200-299 or [200-299, 304]"),
  })
  .transform((value, context): readonly StatusRange[] => {
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
    const ranges: StatusRange[] = [];
    for (const [index, entry] of entries.entries()) {
      const range = readStatus(entry);
      if (range.kind === "ok") ranges.push(range.value);
      else {
        const path = Array.isArray(value) ? [index] : [];
        context.issues.push({ code: "custom", message: range.sentence, input: entry, path });
      }
    }
    if (entries.length === 0) {
      const message = "it is empty; write 200-299 or [200-299, 304]";
      context.issues.push({ code: "custom", message, input: value });
    }
    return ranges;
  });

const health = {
  interval: duration({ minMs: INTERVAL_MIN_MS, maxMs: DAY_MS }).optional(),
  timeout: duration({ minMs: 10, maxMs: DAY_MS }).optional(),
  jitter: leaf({ what: "a share", mend: 'write one such as "5%"' }, readShare).optional(),
  fall: count({ min: 1, max: 100 }).optional(),
  rise: count({ min: 1, max: 100 }).optional(),
  restartGrace: duration({ minMs: 0, maxMs: 3_600_000 }).optional(),
};

const common = { ...health, port: port.optional(), source: address.optional() };

const httpCheck = section({
  kind: word(KINDS, KINDS_LATER),
  path: leaf({ what: "a path", mend: 'write one such as "/healthz"' }, readPath).optional(),
  host: leaf({ what: "a host name", mend: "write a host name" }, readHost).optional(),
  method: word(["GET", "HEAD"]).optional(),
  headers: z
    .record(z.string(), leaf({ what: "text", mend: "write text" }, readHeader), {
      error: (issue) => notA(issue.input, "a map", 'write "Name: value" lines below it'),
    })
    .optional(),
  expect: section({ status: statusRanges.optional(), body: text("a text").optional() }).optional(),
  tripwire: flag.optional(),
  ...common,
});

const tcpCheck = section({
  kind: word(KINDS, KINDS_LATER),
  send: text("a text").optional(),
  expect: text("a text").optional(),
  tripwire: flag.optional(),
  ...common,
});

const kindOnly = z.looseObject(
  { kind: word(KINDS, KINDS_LATER) },
  { error: (issue) => notA(issue.input, "a map", "write { kind: http, port: 80 } or the like") },
);

type HttpCheck = z.infer<typeof httpCheck>;
type TcpCheck = z.infer<typeof tcpCheck>;

/** Reads one entry of `checks`, or notes why it is none. */
export function readCheck(reader: YamlReader, name: string, value: unknown): Check | undefined {
  const at: YamlPath = ["checks", name];
  const kind = reader.read(at, value, kindOnly)?.kind;
  switch (kind) {
    case undefined:
      return undefined;
    case "http":
      return readHttp(reader, at, value);
    case "tcp":
      return readTcp(reader, at, value);
  }
}

function readHttp(reader: YamlReader, at: YamlPath, value: unknown): Check | undefined {
  const raw = reader.read(at, value, httpCheck);
  if (raw === undefined) return undefined;
  let isGood = true;
  const refuse = (key: string, sentence: string): void => {
    isGood = false;
    reader.complain([...at, key], sentence);
  };
  if (raw.method === "HEAD" && raw.expect?.body !== undefined) {
    refuse("expect", "a HEAD answer has no body to look at; use method GET");
  }
  for (const header of Object.keys(raw.headers ?? {})) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(header)) {
      refuse("headers", `"${header}" is not a header name; use letters, digits and "-"`);
    } else if (header.toLowerCase() === "host") {
      refuse("headers", `"${header}" is set by "host"; write "host: NAME" in the check`);
    }
  }
  const settings = readSettings(reader, at, raw);
  if (!isGood || settings === undefined) return undefined;
  return { name: String(at[1]), settings, ask: (to) => httpAsk(raw, to) };
}

function readTcp(reader: YamlReader, at: YamlPath, value: unknown): Check | undefined {
  const raw = reader.read(at, value, tcpCheck);
  if (raw === undefined) return undefined;
  const settings = readSettings(reader, at, raw);
  if (raw.port === undefined) {
    reader.complainOfKey([...at, "port"], "it is missing; write the port to connect to");
  }
  const checked = raw.port;
  if (checked === undefined || settings === undefined) return undefined;
  return { name: String(at[1]), settings, ask: (to) => tcpAsk(raw, checked, to) };
}

function readSettings(
  reader: YamlReader,
  at: YamlPath,
  raw: HttpCheck | TcpCheck,
): HealthSettings | undefined {
  const intervalMs = raw.interval ?? DEFAULT_HEALTH.intervalMs;
  // A shorter interval without a timeout of its own gets the longest that fits into it.
  const timeoutMs = raw.timeout ?? Math.min(DEFAULT_HEALTH.timeoutMs, intervalMs);
  if (timeoutMs > intervalMs) {
    const [timeout, interval] = [formatDuration(timeoutMs), formatDuration(intervalMs)];
    const state = `"${timeout}" is longer than the interval, ${interval}`;
    reader.complain([...at, "timeout"], `${state}; make it ${interval} or less`);
    return undefined;
  }
  return {
    ...DEFAULT_HEALTH,
    intervalMs,
    timeoutMs,
    jitterFraction: raw.jitter ?? DEFAULT_HEALTH.jitterFraction,
    fall: raw.fall ?? DEFAULT_HEALTH.fall,
    rise: raw.rise ?? DEFAULT_HEALTH.rise,
    restartGraceMs: raw.restartGrace ?? DEFAULT_HEALTH.restartGraceMs,
    staleAfterMs: 3 * intervalMs + timeoutMs,
  };
}

function httpAsk(raw: HttpCheck, to: string): Ask {
  return {
    kind: "http",
    address: to,
    port: raw.port ?? 80,
    ...sourceFor(raw.source, to),
    tripwire: raw.tripwire ?? true,
    method: raw.method ?? "GET",
    path: raw.path ?? "/",
    // The address, as a browser would send it, so that one target serves every pool that names it.
    host: raw.host ?? (to.includes(":") ? `[${to}]` : to),
    headers: raw.headers ?? {},
    status: raw.expect?.status ?? [[200, 299]],
    ...(raw.expect?.body === undefined ? {} : { body: raw.expect.body }),
  };
}

function tcpAsk(raw: TcpCheck, checked: number, to: string): Ask {
  return {
    kind: "tcp",
    address: to,
    port: checked,
    ...sourceFor(raw.source, to),
    tripwire: raw.tripwire ?? false,
    ...(raw.send === undefined ? {} : { send: raw.send }),
    ...(raw.expect === undefined ? {} : { expect: raw.expect }),
  };
}

/** A source address counts for targets of its family; for others the system chooses. */
function sourceFor(source: string | undefined, to: string): { readonly source?: string } {
  const family: Family | undefined = source === undefined ? undefined : familyOf(source);
  return source === undefined || family !== familyOf(to) ? {} : { source };
}

function readStatus(value: unknown): Reading<StatusRange> {
  const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(value));
  if (match === null) {
    return bad(`${shown(value)} is no HTTP status; write 200 or 200-299, from 100 to 599`);
  }
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from > to ? bad(`"${from}-${to}" runs backwards; write ${to}-${from}`) : ok([from, to]);
}

function readShare(value: string | number | boolean) {
  const match = /^(\d{1,2}(?:\.\d+)?)%$/.exec(String(value));
  const share = match === null ? Number.NaN : Number(match[1]) / 100;
  if (share >= 0 && share <= 0.5) return ok(share);
  return bad(`"${String(value)}" is not a share from 0% to 50%; write one such as "5%"`);
}

function readPath(value: string | number | boolean) {
  const path = String(value);
  if (!path.startsWith("/")) return bad(`"${path}" does not begin with "/"; write "/${path}"`);
  if (!/^[\x21-\x7e]+$/.test(path)) {
    return bad(`"${path}" holds a character no request may hold; write it percent-encoded`);
  }
  return ok(path);
}

function readHost(value: string | number | boolean) {
  const host = String(value);
  if (/^[\w.-]+$|^\[[0-9a-f:.]+\]$/i.test(host)) return ok(host);
  return bad(`"${host}" is not a host name; write one without port or path, as in www.example.org`);
}

function readHeader(value: string | number | boolean) {
  const header = String(value);
  if (/^[\t\x20-\x7e]*$/.test(header)) return ok(header);
  return bad("it holds a line break or a character beyond ASCII; write printable ASCII only");
}
