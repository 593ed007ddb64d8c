// The leaves of both configuration files: durations, counts, words, addresses, paths.
// Each says in one sentence what is wrong with a value and what to write instead.

import { z } from "zod";
import { formatDuration, parseDurationMs } from "../base/duration.ts";
import { canonicalIp } from "../base/ip.ts";
import { mendWord } from "./suggest.ts";
import { notA, shown } from "./yaml.ts";

type Scalar = string | number | boolean;

/** Keywords of JSON Schema that hold of a value as it is written. */
type JsonShape = Readonly<Record<string, unknown>>;

/** A duration as it is written; a bare 0 needs no unit. */
const DURATION_SHAPE: JsonShape = {
  type: ["string", "integer"],
  pattern: "^([0-9]+([.][0-9]+)?(ms|[smhdw]))+$",
  minimum: 0,
  maximum: 0,
};

/** A value that was read, or the sentence (`state; mend`) that says why it was not. */
export type Reading<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly sentence: string };

/** A single value, read by `read`; maps, lists and absent values are refused before. Editors know it by `shape`. */
export function leaf<T>(
  wanted: { readonly what: string; readonly mend: string },
  read: (value: Scalar) => Reading<T>,
  shape: JsonShape = { type: ["string", "number", "boolean"] },
) {
  const isLeaf = (value: unknown): boolean =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  const { what, mend } = wanted;
  return z
    .custom<Scalar>(isLeaf, { error: (issue) => notA(issue.input, what, mend) })
    .meta({ description: `${mend.charAt(0).toUpperCase()}${mend.slice(1)}`, ...shape })
    .transform((value, context): T => {
      const reading = read(value);
      if (reading.kind === "ok") return reading.value;
      context.issues.push({ code: "custom", message: reading.sentence, input: value });
      return z.NEVER;
    });
}

/** A duration with its unit, in milliseconds, within the given bounds. */
export function duration(bounds: { readonly minMs: number; readonly maxMs: number }) {
  const { minMs, maxMs } = bounds;
  const mend = 'write one with its unit, such as "5s", "250ms" or "1h30m"';
  return leaf(
    { what: "a duration", mend },
    (value) => {
      // A bare 0 needs no unit to be understood; the bounds say whether it may be.
      if (typeof value === "number" && value !== 0) {
        return bad(`"${value}" has no unit; write "${value}s" or "${value}ms"`);
      }
      const durationMs = value === 0 ? 0 : parseDurationMs(String(value));
      if (durationMs === undefined) return bad(`${shown(value)} is not a duration; ${mend}`);
      if (durationMs < minMs) {
        const least = formatDuration(minMs);
        return bad(`"${value}" is less than ${least}; write ${least} or more`);
      }
      if (durationMs > maxMs) {
        const most = formatDuration(maxMs);
        return bad(`"${value}" is more than ${most}; write ${most} or less`);
      }
      return ok(durationMs);
    },
    DURATION_SHAPE,
  );
}

/** A whole number within bounds. */
export function count(bounds: { readonly min: number; readonly max: number }) {
  const mend = `write a whole number from ${bounds.min} to ${bounds.max}`;
  return leaf(
    { what: "a whole number", mend },
    (value) => {
      const isCount = typeof value === "number" && Number.isInteger(value);
      if (!isCount) return bad(`${shown(value)} is not a whole number; ${mend}`);
      if (value < bounds.min) return bad(`"${value}" is less than ${bounds.min}; ${mend}`);
      if (value > bounds.max) return bad(`"${value}" is more than ${bounds.max}; ${mend}`);
      return ok(value);
    },
    { type: "integer", minimum: bounds.min, maximum: bounds.max },
  );
}

/** A part of a whole, written in percent; from 0 to `most`, which is at most 1. */
export function share(bounds: { readonly most: number }) {
  const most = `${bounds.most * 100}%`;
  return leaf(
    { what: "a share", mend: 'write one such as "5%"' },
    (value) => {
      const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(String(value));
      const part = match === null ? Number.NaN : Number(match[1]) / 100;
      if (part >= 0 && part <= bounds.most) return ok(part);
      return bad(`"${value}" is not a share from 0% to ${most}; write one such as "5%"`);
    },
    { type: "string", pattern: "^[0-9]{1,3}([.][0-9]+)?%$" },
  );
}

/** A TCP or UDP port. */
export const port = count({ min: 1, max: 65_535 });

/** yes or no, as YAML 1.2 writes them. */
export const flag = leaf(
  { what: "true or false", mend: "write true or false" },
  (value) =>
    typeof value === "boolean"
      ? ok(value)
      : bad(`${shown(value)} is not true or false; write true or false`),
  { type: "boolean" },
);

/** One of a few words. `later` are words of other kinds that may be asked for, but not yet. */
export function word<const W extends string>(words: readonly W[], later: readonly string[] = []) {
  const all = words.map((each) => `"${each}"`).join(", ");
  return leaf(
    { what: `one of ${all}`, mend: `use one of ${all}` },
    (value) => {
      const found = words.find((each) => each === value);
      if (found !== undefined) return ok(found);
      if (later.includes(String(value))) {
        return bad(`${shown(value)} is not available yet; ${mendWord("", words)}`);
      }
      return bad(`${shown(value)} is not known here; ${mendWord(String(value), words)}`);
    },
    { type: "string", enum: words },
  );
}

/** Text of at least one character. Numbers are refused: YAML would have changed their spelling. */
export function text(what: string) {
  return leaf(
    { what, mend: `write ${what}` },
    (value) => {
      if (typeof value !== "string") {
        return bad(`${shown(value)} is not text; put it in quotes`);
      }
      return value === "" ? bad(`it is empty; write ${what}`) : ok(value);
    },
    { type: "string", minLength: 1 },
  );
}

const ADDRESS_MEND = 'write an address such as 192.0.2.10 or "2001:db8::10"';

/** An IPv4 or IPv6 address, in canonical text. */
export const address = leaf({ what: "an address", mend: ADDRESS_MEND }, (value) =>
  readAddress(value, ADDRESS_MEND),
);

const HOST_NAME = /^(?=.{1,254}$)(?:[\w-]{1,63}\.)+[a-z][\w-]{0,62}\.?$/i;
const PLACE_MEND = `${ADDRESS_MEND}, or a whole host name such as web1.example.net`;

/** What a pool's member is: canonical IP text, or a host name in small letters, without final dot. */
export const memberPlace = leaf({ what: "an address", mend: PLACE_MEND }, (value) => {
  const text = String(value);
  if (HOST_NAME.test(text)) return ok(text.toLowerCase().replace(/\.$/, ""));
  return readAddress(value, PLACE_MEND);
});

/**
 * A listen address written `ADDRESS:PORT`; IPv6 in brackets.
 *
 * @param portMin 0 where the system may choose the port, else 1.
 */
export function readAddressPort(
  value: string,
  portMin: 0 | 1 = 1,
): Reading<{ readonly address: string; readonly port: number }> {
  const mend = 'write 127.0.0.1:53 or "[::1]:53"';
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(value);
  const host = canonicalIp(match?.[1] ?? match?.[2] ?? "");
  const isBracketed = match?.[1] !== undefined;
  if (match === null || host === undefined || host.includes(":") !== isBracketed) {
    const isBare = canonicalIp(value) !== undefined;
    return bad(`"${value}" ${isBare ? "has no port" : "is not ADDRESS:PORT"}; ${mend}`);
  }
  const number = Number(match[3]);
  if (number < portMin || number > 65_535) {
    return bad(`port ${number} does not exist; use a port from 1 to 65535`);
  }
  return ok({ address: host, port: number });
}

/** `{ kind: "ok" }` with a value. */
export function ok<T>(value: T): Reading<T> {
  return { kind: "ok", value };
}

/** `{ kind: "bad" }` with a sentence, `state; mend`. */
export function bad(sentence: string): { readonly kind: "bad"; readonly sentence: string } {
  return { kind: "bad", sentence };
}

function readAddress(value: Scalar, mend: string): Reading<string> {
  const source = String(value);
  const canonical = canonicalIp(source);
  if (canonical !== undefined) return ok(canonical);
  return bad(`${shown(value)} is not an IP address; ${addressMend(source) ?? mend}`);
}

function addressMend(value: string): string | undefined {
  if (/^[\d.]+\/\d+$/.test(value)) return "write single addresses, not a prefix";
  if (/^\[.*\]$/.test(value)) return "write it without brackets";
  return /:\d+$/.test(value) ? "write it without a port" : undefined;
}
