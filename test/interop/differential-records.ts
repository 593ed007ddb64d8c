// Records for generated zones, as "TTL TYPE data"; records of one RRset share their TTL.

import { below, type Random } from "../../src/base/random.ts";
import { chance, odds, pick, pickSome } from "./differential-random.ts";

/** All in quotes: PowerDNS refuses a string without them behind one with them. */
const STRINGS = [
  ...['"one"', '"two three"', '""', '"bare"', '"q\\"uote"', '"back\\\\slash"', '"\\195\\188\\000"'],
  ...[`"${"long ".repeat(40)}"`, '"v=spf1 -all"', '"semi;colon"'],
];

/** A TTL in seconds. */
export function ttlOf(random: Random): number {
  return pick(random, [0, 5, 60, 300, 3600, 86400, 604800]);
}

/** Addresses: of one family or of both. */
export function hostRecords(random: Random): string[] {
  const families = odds(random, { four: 5, six: 2, both: 4 });
  return [
    ...(families === "six" ? [] : addresses(random, "A", 1 + below(random, 3))),
    ...(families === "four" ? [] : addresses(random, "AAAA", 1 + below(random, 2))),
  ];
}

/** An RRset that does not fit into small messages. */
export function largeRecords(random: Random): string[] {
  const type = odds(random, { A: 3, AAAA: 2, TXT: 2 });
  const count = pick(random, [8, 15, 28, 29, 30, 40, 70, 90]);
  if (type !== "TXT") return addresses(random, type, count);
  const ttl = ttlOf(random);
  return Array.from({ length: count }, (_, i) => `${ttl} TXT "${i} ${"x".repeat(30)}"`);
}

/**
 * RRsets of one to four types.
 *
 * @param target draws a name for them to point at.
 */
export function mixedRecords(random: Random, target: () => string): string[] {
  const types = pickSome(random, Object.keys(DATA), 4);
  return types.flatMap((type) => {
    const ttl = ttlOf(random);
    const make = DATA[type];
    if (make === undefined) return [];
    const count = SINGLE.has(type) ? 1 : 1 + below(random, 3);
    const data = Array.from({ length: count }, () => make(random, target));
    return data.map((each) => `${ttl} ${type} ${each}`);
  });
}

/** Types of which several records at a name are wrong or mean nothing. */
const SINGLE = new Set(["HTTPS", "SVCB", "LOC", "HINFO"]);

const DATA: Readonly<Record<string, (random: Random, target: () => string) => string>> = {
  A: (random) => address(random, "A"),
  AAAA: (random) => address(random, "AAAA"),
  MX: (random, target) => (chance(random, 0.05) ? "0 ." : `${10 * below(random, 4)} ${target()}`),
  SRV: (random, target) => `${below(random, 3)} 5 ${pick(random, [443, 5060])} ${target()}`,
  TXT: (random) => pickSome(random, STRINGS, 3).join(" "),
  CAA: (random) => `${pick(random, [0, 128])} issue "ca${below(random, 9)}.example.net"`,
  PTR: (_, target) => target(),
  NAPTR: (random, target) => `${below(random, 9)} 10 "u" "E2U+sip" "!^.*$!sip:a@b!" ${target()}`,
  SSHFP: (random) => `4 2 ${hex(random, 32)}`,
  TLSA: (random) => `3 1 1 ${hex(random, 32)}`,
  LOC: (random) => `52 22 23.000 N 4 53 ${below(random, 59)}.000 E -2.00m 1m 10000m 10m`,
  HINFO: (random) => `"cpu ${below(random, 9)}" "os"`,
  URI: (random) => `10 ${below(random, 9)} "https://example.net/"`,
  SVCB: (random, target) => `${chance(random, 0.4) ? "0" : "1"} ${target()}`,
  HTTPS: (random, target) => (chance(random, 0.4) ? `0 ${target()}` : "1 . alpn=h2 port=8443"),
  RP: (_, target) => `${target()} ${target()}`,
  TYPE65280: (random) => `\\# 4 ${hex(random, 4)}`,
};

function addresses(random: Random, type: "A" | "AAAA", count: number): string[] {
  const ttl = ttlOf(random);
  const all = new Set(Array.from({ length: count * 2 }, () => address(random, type)));
  return [...all].slice(0, count).map((each) => `${ttl} ${type} ${each}`);
}

function address(random: Random, type: "A" | "AAAA"): string {
  if (type === "A") return `192.0.2.${1 + below(random, 250)}`;
  return `2001:db8::${(1 + below(random, 65_000)).toString(16)}`;
}

function hex(random: Random, octets: number): string {
  return Array.from({ length: octets }, () =>
    below(random, 256).toString(16).padStart(2, "0"),
  ).join("");
}
