// The zones that are served and the questions that are asked: written once, from a seed.

import { closeSync, existsSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { below, seededRandom } from "../../src/base/random.ts";
import type { ZoneUnderTest } from "./peer.ts";

/** Origin of every zone of the bench. */
export const ORIGIN = "bench.example";

/** Serial of every zone as it is first written. */
const FIRST_SERIAL = 1;

/** How many lines are written in one go. */
const CHUNK_LINES = 10_000;

/** Which records the names `h0`, `h1`, ... have; "loopback": all of them the A record 127.0.0.1. */
export type ZoneShape = "A" | "A and AAAA" | "loopback";

/** Address of the zone's `index`-th name. */
export function addressOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

/** Owner of the zone's `index`-th name, with its final dot. */
export function ownerOf(index: number): string {
  return `h${index}.${ORIGIN}.`;
}

/** A zone of `names` names below `folder`; written where it is not there yet. */
export function writeZone(folder: string, names: number, shape: ZoneShape): ZoneUnderTest {
  const file = join(folder, `${names}-${shape.replaceAll(" ", "-")}.zone`);
  if (!existsSync(file)) writeZoneFile(file, { names, shape });
  return { origin: ORIGIN, file };
}

/**
 * Writes a zone file.
 *
 * @param content.changed index of a name whose address is that of the name behind the last.
 */
export function writeZoneFile(
  file: string,
  content: {
    readonly names: number;
    readonly shape: ZoneShape;
    readonly serial?: number;
    readonly changed?: number;
  },
): void {
  const { names, shape, serial = FIRST_SERIAL, changed } = content;
  const head = [
    `$ORIGIN ${ORIGIN}.`,
    "$TTL 300",
    `@ IN SOA ns1 hostmaster ${serial} 3600 900 1209600 60`,
    "@ IN NS ns1",
    "@ IN NS ns2",
    "ns1 IN A 192.0.2.1",
    "ns2 IN A 192.0.2.2",
  ];
  writeLines(file, head.length + names * (shape === "A and AAAA" ? 2 : 1), (line) => {
    const fixed = head[line];
    if (fixed !== undefined) return fixed;
    const record = line - head.length;
    if (shape === "loopback") return `h${record} IN A 127.0.0.1`;
    const index = shape === "A" ? record : record >> 1;
    if (shape !== "A" && record % 2 === 1) {
      return `h${index} IN AAAA 2001:db8::${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}`;
    }
    return `h${index} IN A ${addressOf(index === changed ? names : index)}`;
  });
}

/** Questions of a case: `name type` lines in a file, drawn with `seed`. */
export function writeQueries(
  folder: string,
  questions: {
    readonly kind: "A" | "A and AAAA" | "missing";
    readonly names: number;
    readonly lines: number;
    readonly seed: number;
  },
): string {
  const { kind, names, lines, seed } = questions;
  const file = join(folder, `${kind.replaceAll(" ", "-")}-${names}-${lines}-${seed}.queries`);
  if (existsSync(file)) return file;
  const random = seededRandom(seed);
  const draw = (bound: number): number => below(random, bound);
  writeLines(file, lines, () => {
    if (kind === "missing") return `${draw(2 ** 32).toString(36)}-no.${ORIGIN} A`;
    const type = kind === "A" || draw(10) < 7 ? "A" : "AAAA";
    return `h${draw(names)}.${ORIGIN} ${type}`;
  });
  return file;
}

function writeLines(file: string, count: number, lineAt: (line: number) => string): void {
  writeFileSync(file, "");
  const descriptor = openSync(file, "a");
  for (let from = 0; from < count; from += CHUNK_LINES) {
    const length = Math.min(CHUNK_LINES, count - from);
    const lines = Array.from({ length }, (_, i) => `${lineAt(from + i)}\n`);
    writeSync(descriptor, lines.join(""));
  }
  closeSync(descriptor);
}
