// Checks of kind dns and icmp: their settings, and what of them tells targets apart.

import { rcodeFromText, rcodeToText } from "../../dns/types.ts";
import { DNS_ASK_TYPES, type DnsAsk, type IcmpAsk } from "../ask.ts";
import { bad, count, flag, leaf, ok, port, type Reading, text, word } from "../fields.ts";
import { readOrigin } from "../main.ts";
import { section, shown } from "../yaml.ts";
import {
  addressKey,
  type CheckReading,
  healthKeys,
  type KindReading,
  kindKey,
  sourceFor,
  sourceKey,
} from "./common.ts";

const PACKETS = 3;

export const dnsCheck = section({
  kind: kindKey,
  name: leaf({ what: "a name", mend: "write the name to ask for" }, readName),
  type: word(DNS_ASK_TYPES).optional(),
  recurse: flag.optional(),
  expect: section({
    rcode: leaf({ what: "an rcode", mend: "write one such as NOERROR" }, readRcode).optional(),
    answer: text("a record's data").optional(),
  }).optional(),
  ...healthKeys,
  port: port.optional(),
  address: addressKey,
  source: sourceKey,
});

export const icmpCheck = section({
  kind: kindKey,
  packets: count({ min: 1, max: PACKETS }).optional(),
  ...healthKeys,
  address: addressKey,
  source: sourceKey,
});

/** Reads a check of kind dns. */
export function readDns(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, dnsCheck);
  if (raw === undefined) return undefined;
  const { rcode = "NOERROR", answer } = raw.expect ?? {};
  if (answer !== undefined && rcode !== "NOERROR") {
    const mend = "leave out one of the two";
    reading.reader.complain([...reading.at, "expect"], `${rcode} comes without answers; ${mend}`);
    return undefined;
  }
  const ask = (to: string): DnsAsk => ({
    kind: "dns",
    address: to,
    port: raw.port ?? 53,
    ...sourceFor(raw.source, to),
    tripwire: false,
    name: raw.name,
    type: raw.type ?? "SOA",
    isRecursive: raw.recurse ?? false,
    rcode,
    ...(answer === undefined ? {} : { answer }),
  });
  return { raw, ask };
}

/** Reads a check of kind icmp. */
export function readIcmp(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, icmpCheck);
  if (raw === undefined) return undefined;
  const ask = (to: string): IcmpAsk => ({
    kind: "icmp",
    address: to,
    port: 0,
    ...sourceFor(raw.source, to),
    tripwire: false,
    packets: raw.packets ?? PACKETS,
  });
  return { raw, ask };
}

/** The question, and what of a dns ask is not default. */
export function identifyDns(ask: DnsAsk): { path: string; rest: object } {
  const rest = {
    ...(ask.isRecursive ? { recurse: true } : {}),
    ...(ask.rcode === "NOERROR" ? {} : { rcode: ask.rcode }),
    ...(ask.answer === undefined ? {} : { answer: ask.answer }),
  };
  return { path: `/${ask.name.toLowerCase()}/${ask.type}`, rest };
}

/** What of an icmp ask is not default. */
export function identifyIcmp(ask: IcmpAsk): { path: string; rest: object } {
  return { path: "", rest: ask.packets === PACKETS ? {} : { packets: ask.packets } };
}

function readName(value: string | number | boolean): Reading<string> {
  const name = String(value);
  const reading = readOrigin(name);
  if (reading.kind === "bad") return reading;
  if (name.includes("\\")) return bad(`"${name}" holds an escape; ask for a name without one`);
  return ok(name === "." ? name : name.replace(/\.$/, ""));
}

function readRcode(value: string | number | boolean): Reading<string> {
  const rcode = rcodeFromText(String(value));
  if (rcode !== undefined && rcode < 16) return ok(rcodeToText(rcode));
  return bad(`${shown(value)} is not an rcode; write one such as NOERROR, NXDOMAIN or REFUSED`);
}
