// Zones from lines of `owner ttl type data`, for tests of this room; relative to example.org.

import { type Name, nameFromText, nameToText } from "../../src/dns/name.ts";
import { parseRdata, printRdata, type RdataToken } from "../../src/dns/rdata.ts";
import { typeFromText, typeToText } from "../../src/dns/types.ts";
import { type BuiltZone, ZoneBuilder } from "../../src/zone/build.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import type { Zone } from "../../src/zone/zone.ts";

export const ORIGIN = nameFromText("example.org.");

/** What a sound zone has at least. */
export const BASE = [
  "@ 300 SOA ns1 admin 1 3600 600 86400 300",
  "@ 300 NS ns1",
  "ns1 300 A 192.0.2.1",
];

export interface TestRecord {
  readonly owner: Name;
  readonly ttl: number;
  readonly type: number;
  readonly rdata: Uint8Array;
}

/** One record; throws where the line is not one, since then the test is wrong. */
export function recordOf(line: string, origin = ORIGIN): TestRecord {
  const [owner = "", ttl = "", typeText = "", ...words] = line.split(/\s+/);
  const type = typeFromText(typeText) ?? 0;
  const tokens: RdataToken[] = words.map((text) => ({ text, isQuoted: false }));
  const parsed = parseRdata(type, tokens, origin);
  if (parsed.kind === "bad") throw new Error(`${line}: expected ${parsed.expected}`);
  return { owner: nameFromText(owner, origin), ttl: Number(ttl), type, rdata: parsed.rdata };
}

/** One RRset of lines with the same owner and type. */
export function rrsetOf(...lines: string[]): RRset {
  const records = lines.map((line) => recordOf(line));
  const { owner, type, ttl } = records[0] ?? recordOf("");
  return { owner, type, ttl, rdatas: records.map((record) => record.rdata) };
}

/** What a builder makes of lines; a record's position is its line's number, from 1. */
export function built(lines: readonly string[]): BuiltZone {
  const builder = new ZoneBuilder(ORIGIN);
  for (const [i, line] of lines.entries()) {
    const { owner, type, ttl, rdata } = recordOf(line);
    builder.add(owner, type, ttl, rdata, i + 1);
  }
  return builder.finish();
}

/** A zone of `BASE` and more lines, which must be sound. */
export function zoneOf(...lines: string[]): Zone {
  const outcome = built([...BASE, ...lines]);
  if (outcome.kind === "bad") throw new Error(outcome.problems.map((p) => p.message).join("\n"));
  return outcome.zone;
}

/** RRsets as lines, one per record, with absolute names. */
export function linesOf(rrsets: Iterable<RRset>): string[] {
  const lines: string[] = [];
  for (const { owner, ttl, type, rdatas } of rrsets) {
    for (const rdata of rdatas) {
      lines.push(`${nameToText(owner)} ${ttl} ${typeToText(type)} ${printRdata(type, rdata)}`);
    }
  }
  return lines;
}
