// Checks of kind http and https: their settings, and what of them tells targets apart.

import { z } from "zod";
import type { HttpAsk, HttpsAsk, JsonBound } from "../ask.ts";
import { bad, count, flag, leaf, ok, port, type Reading, word } from "../fields.ts";
import { notA, section, shown } from "../yaml.ts";
import {
  addressKey,
  type CheckReading,
  healthKeys,
  hostKey,
  identifyTls,
  type KindReading,
  kindKey,
  readTlsTerms,
  sourceFor,
  sourceKey,
  tlsKeys,
  urlHost,
} from "./common.ts";

type StatusRange = readonly [number, number];

const FOLLOW_MAX = 10;

/** One range or a list of them. */
const statusRanges = z
  .custom<unknown>((value) => value !== undefined && value !== null, {
    error: (issue) => notA(issue.input, "a status", "write 200-299 or [200-299, 304]"),
  })
  .meta({ type: ["string", "integer", "array"], items: { type: ["string", "integer"] } })
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

const bound = leaf({ what: "a number", mend: "write a number" }, (value) =>
  typeof value === "number" && Number.isFinite(value)
    ? ok(value)
    : bad(`${shown(value)} is not a number; write a number`),
);

const jsonBound = section({
  path: leaf({ what: "a path", mend: "write keys joined by dots, as in a.b.0" }, readJsonPath),
  min: bound.optional(),
  max: bound.optional(),
  equals: leaf(
    { what: "a single value", mend: "write text, a number, true or false" },
    ok,
  ).optional(),
});

const httpKeys = {
  kind: kindKey,
  path: leaf({ what: "a path", mend: 'write one such as "/healthz"' }, readPath).optional(),
  host: hostKey.optional(),
  method: word(["GET", "HEAD", "OPTIONS"]).optional(),
  headers: z
    .record(z.string(), leaf({ what: "text", mend: "write text" }, readHeader), {
      error: (issue) => notA(issue.input, "a map", 'write "Name: value" lines below it'),
    })
    .optional(),
  userAgent: leaf({ what: "text", mend: "write text" }, readHeader).optional(),
  expect: section({
    status: statusRanges.optional(),
    body: leaf({ what: "a text", mend: "write a text" }, readBody).optional(),
    json: jsonBound.optional(),
  }).optional(),
  follow: count({ min: 0, max: FOLLOW_MAX }).optional(),
  tripwire: flag.optional(),
  ...healthKeys,
  port: port.optional(),
  address: addressKey,
  source: sourceKey,
};

export const httpCheck = section(httpKeys);
export const httpsCheck = section({ ...httpKeys, ...tlsKeys });

type HttpCheck = z.infer<typeof httpCheck>;

/** Reads a check of kind http. */
export function readHttp(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, httpCheck);
  if (raw === undefined || !isSensible(reading, raw)) return undefined;
  return { raw, ask: (to): HttpAsk => ({ kind: "http", ...termsOf(raw, to, 80) }) };
}

/** Reads a check of kind https. */
export function readHttps(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, httpsCheck);
  if (raw === undefined) return undefined;
  const isGood = isSensible(reading, raw);
  const tls = readTlsTerms(reading, raw);
  if (!isGood || tls === undefined) return undefined;
  const ask = (to: string): HttpsAsk => {
    return { kind: "https", ...termsOf(raw, to, 443), tls: tls(to) };
  };
  return { raw, ask };
}

/** The path, and what of an http or https ask is not default. */
export function identifyHttp(ask: HttpAsk | HttpsAsk): { path: string; rest: object } {
  const rest = {
    ...(ask.method === "GET" ? {} : { method: ask.method }),
    ...(ask.host === urlHost(ask.address) ? {} : { host: ask.host.toLowerCase() }),
    ...(Object.keys(ask.headers).length === 0 ? {} : { headers: ask.headers }),
    ...(JSON.stringify(ask.status) === "[[200,299]]" ? {} : { status: ask.status }),
    ...(ask.body === undefined ? {} : { body: ask.body }),
    ...(ask.pattern === undefined ? {} : { pattern: ask.pattern }),
    ...(ask.json === undefined ? {} : { json: ask.json }),
    ...(ask.follow === undefined ? {} : { follow: ask.follow }),
    ...(ask.kind === "http" ? {} : identifyTls(ask.tls)),
  };
  return { path: ask.path, rest };
}

function isSensible({ reader, at }: CheckReading, raw: HttpCheck): boolean {
  let isGood = true;
  const refuse = (key: string, sentence: string): void => {
    isGood = false;
    reader.complain([...at, key], sentence);
  };
  const { body, json } = raw.expect ?? {};
  if (raw.method === "HEAD" && (body !== undefined || json !== undefined)) {
    refuse("expect", "a HEAD answer has no body to look at; use method GET");
  }
  for (const header of Object.keys(raw.headers ?? {})) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(header)) {
      refuse("headers", `"${header}" is not a header name; use letters, digits and "-"`);
    } else if (header.toLowerCase() === "host") {
      refuse("headers", `"${header}" is set by "host"; write "host: NAME" in the check`);
    } else if (header.toLowerCase() === "user-agent" && raw.userAgent !== undefined) {
      refuse("userAgent", `"${header}" stands among the headers too; remove one of the two`);
    }
  }
  const { equals, min, max } = json ?? {};
  if (equals !== undefined && (min ?? max) !== undefined) {
    refuse("expect", '"equals" leaves nothing to "min" and "max"; remove one or the others');
  }
  if (min !== undefined && max !== undefined && min > max) {
    refuse("expect", `json.min (${min}) is more than json.max (${max}); swap them`);
  }
  return isGood;
}

function termsOf(raw: HttpCheck, to: string, portDefault: number): Omit<HttpAsk, "kind"> {
  const agent = raw.userAgent === undefined ? {} : { "User-Agent": raw.userAgent };
  const { status, body, json } = raw.expect ?? {};
  return {
    address: to,
    port: raw.port ?? portDefault,
    ...sourceFor(raw.source, to),
    tripwire: raw.tripwire ?? true,
    method: raw.method ?? "GET",
    path: raw.path ?? "/",
    // The address, as a browser would send it, so that one target serves every pool that names it.
    host: raw.host ?? urlHost(to),
    headers: { ...raw.headers, ...agent },
    status: status ?? [[200, 299]],
    ...body,
    ...(json === undefined ? {} : { json: jsonBoundOf(json) }),
    ...(raw.follow === undefined || raw.follow === 0 ? {} : { follow: raw.follow }),
  };
}

function jsonBoundOf({ path, min, max, equals }: z.infer<typeof jsonBound>): JsonBound {
  return {
    path,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(equals === undefined ? {} : { equals }),
  };
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

function readPath(value: string | number | boolean): Reading<string> {
  const path = String(value);
  if (!path.startsWith("/")) return bad(`"${path}" does not begin with "/"; write "/${path}"`);
  if (!/^[\x21-\x7e]+$/.test(path)) {
    return bad(`"${path}" holds a character no request may hold; write it percent-encoded`);
  }
  return ok(path);
}

function readHeader(value: string | number | boolean): Reading<string> {
  const header = String(value);
  if (/^[\t\x20-\x7e]*$/.test(header)) return ok(header);
  return bad("it holds a line break or a character beyond ASCII; write printable ASCII only");
}

/** A phrase, or a regular expression where it is written `/pattern/flags`. */
function readBody(value: string | number | boolean): Reading<Pick<HttpAsk, "body" | "pattern">> {
  if (typeof value !== "string") return bad(`${shown(value)} is not text; put it in quotes`);
  if (value === "") return bad("it is empty; write a text");
  const [, source, flags = ""] = /^\/(.+)\/([imsu]*)$/s.exec(value) ?? [];
  if (source === undefined) return ok({ body: value });
  try {
    new RegExp(source, flags);
    return ok({ pattern: { source, flags } });
  } catch {
    return bad(`${shown(value)} is not a regular expression; mend it, or take the slashes away`);
  }
}

function readJsonPath(value: string | number | boolean): Reading<readonly string[]> {
  const keys = String(value).split(".");
  if (!keys.includes("")) return ok(keys);
  return bad(`${shown(value)} has an empty key; write keys joined by dots, as in a.b.0`);
}
