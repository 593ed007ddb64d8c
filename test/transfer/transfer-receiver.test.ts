// Transfers as they come in: the cases of test/data/transfer-receive.txt, from messages to the zone.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../src/dns/message.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";
import type { TsigKey } from "../../src/dns/tsig-key.ts";
import { OPCODE, RCODE, TYPE, typeToText } from "../../src/dns/types.ts";
import { messagesIn } from "../../src/transfer/message-frames.ts";
import { receivedZone } from "../../src/transfer/received-zone.ts";
import {
  encodeTransferQuery,
  TransferReceiver,
  type TransferVerdict,
} from "../../src/transfer/transfer-receiver.ts";
import { signAnswer, signRequest, type TsigChain } from "../../src/transfer/tsig.ts";
import { withSerial } from "../../src/zone/soa.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { BASE, ORIGIN, recordOf, rrsetOf, zoneOf } from "../zone/records.ts";

const TEXT = readFileSync(new URL("../data/transfer-receive.txt", import.meta.url), "utf8");
const CASES = TEXT.trimEnd()
  .split(/\n{2,}/)
  .filter((block) => block.includes("\n= "));
const NOW = 1_795_000_000;
const ID = 7;
const KEY: TsigKey = {
  name: nameFromText("transfer."),
  algorithm: "hmac-sha256",
  secret: new Uint8Array(32).fill(1),
};

interface Case {
  readonly title: string;
  readonly isSigned: boolean;
  readonly held: Zone | undefined;
  readonly messages: readonly string[];
  readonly expected: string;
}

function readCase(block: string): Case {
  const lines = block.split("\n");
  const [, serial, records = ""] = /\nheld (\d+): (.*)/.exec(block) ?? [];
  const zone = serial === undefined ? undefined : zoneOf(...records.split("; "));
  return {
    title: (lines[0] ?? "").slice(2),
    isSigned: lines.includes("key"),
    held: zone && withZoneSerial(zone, Number(serial)),
    messages: lines.filter((line) => line.startsWith("<")).map((line) => line.slice(1).trim()),
    expected: lines.find((line) => line.startsWith("= "))?.slice(2) ?? "",
  };
}

function withZoneSerial(zone: Zone, serial: number): Zone {
  const rrset = withSerial(zone.soa, serial);
  return zone.with([{ owner: ORIGIN, type: TYPE.SOA, rrset }]);
}

function recordsOf(text: string) {
  if (text === "") return [];
  return text.split("; ").flatMap((line) => {
    const soa = /^SOA (\d+)$/.exec(line)?.[1];
    const rrset = withSerial(rrsetOf(BASE[0] ?? ""), Number(soa));
    if (soa !== undefined) return rrset.rdatas.map((rdata) => ({ ...rrset, class: 1, rdata }));
    if (line === "base") return BASE.slice(1).map((one) => ({ ...recordOf(one), class: 1 }));
    return [{ ...recordOf(line), class: 1 }];
  });
}

/** One message of a primary; the words before its records say what is wrong with it. */
function messageOf(text: string): Uint8Array {
  const [, word = "", records = ""] = /^(?:([A-Z]{4,}|ID|CUT)\b ?)?(.*)$/.exec(text) ?? [];
  const answer = { id: ID, isResponse: true, isAuthoritative: true } as const;
  switch (word) {
    case "REFUSED":
    case "NOTIMP":
      return encodeMessage({ ...answer, rcode: RCODE[word] });
    case "ID":
      return encodeMessage({ ...answer, id: ID + 1, opcode: OPCODE.QUERY });
    case "LONG": {
      const rdata = new Uint8Array(2900).fill(1).map((_, at) => (at % 29 === 0 ? 28 : 120));
      const long = { owner: ORIGIN, type: TYPE.TXT, class: 1, ttl: 300, rdata };
      return encodeMessage({ ...answer, answers: [long] });
    }
    case "CUT":
      return encodeMessage({ ...answer, answers: recordsOf(records) }).slice(0, -6);
    case "LOOP": {
      const message = encodeMessage({ ...answer, answers: recordsOf("SOA 5") });
      const behind = message.subarray(12 + ORIGIN.length);
      return new Uint8Array(Buffer.concat([message.subarray(0, 12), Buffer.of(0xc0, 12), behind]));
    }
    default:
      return encodeMessage({ ...answer, answers: recordsOf(records) });
  }
}

/** An A record of three octets, in place of a word that stands for it. */
function badA(text: string): Uint8Array {
  const message = messageOf(text.replace("BADA", "bad 300 TXT a"));
  const at = Buffer.from(message).indexOf(Buffer.from([0, 16, 0, 1, 0, 0, 1, 44]));
  message[at + 1] = TYPE.A;
  return message;
}

function signed(messages: readonly string[], chain: TsigChain): Uint8Array[] {
  let state = chain;
  let unsigned: Uint8Array[] = [];
  return messages.flatMap((text) => {
    const [, word = "", rest = ""] = /^(?:([A-Z]{4,})\b ?)?(.*)$/.exec(text) ?? [];
    const message = messageOf(rest);
    if (word === "UNSIGNED") {
      unsigned.push(message);
      return [message];
    }
    const forged = { ...state, key: { ...KEY, secret: new Uint8Array(32) } };
    const under = word === "FORGED" ? forged : state;
    const at = word === "LATE" ? NOW - 1000 : NOW;
    // What went unsigned is digested before the message that vouches for it.
    const made = signBehind(unsigned, message, under, at);
    unsigned = [];
    state = { ...made.chain, key: KEY };
    if (word === "LOST") return [];
    if (word !== "ALTERED") return [made.octets];
    const altered = made.octets.slice();
    altered[message.length - 1] = (altered[message.length - 1] ?? 0) ^ 1;
    return [altered];
  });
}

function signBehind(
  unsigned: readonly Uint8Array[],
  message: Uint8Array,
  chain: TsigChain,
  nowSeconds: number,
): { readonly octets: Uint8Array; readonly chain: TsigChain } {
  const all = new Uint8Array(Buffer.concat([...unsigned, message]));
  const made = signAnswer(all, chain, nowSeconds);
  const record = made.octets.subarray(all.length);
  const octets = new Uint8Array(Buffer.concat([message, record]));
  octets[11] = 1;
  return { octets, chain: made.chain };
}

function play({ isSigned, held, messages }: Case): string {
  const since = held?.soa;
  const question = encodeTransferQuery({ id: ID, origin: ORIGIN, since });
  expect(decodeMessage(question).questions[0]?.type).toBe(since ? TYPE.IXFR : TYPE.AXFR);
  const chain = isSigned ? signRequest(question, KEY, NOW).chain : undefined;
  const octets = { octetsMax: 3000 };
  const receiver = new TransferReceiver({ id: ID, origin: ORIGIN, since, chain, ...octets });
  const plain = (text: string): Uint8Array =>
    text.includes("BADA") ? badA(text) : messageOf(text);
  const packets = chain === undefined ? messages.map(plain) : signed(messages, chain);
  let verdict: TransferVerdict = { kind: "more" };
  for (const packet of packets) {
    if (verdict.kind !== "more") break;
    verdict = receiver.take(packet, NOW);
  }
  return told(verdict, held).replace(/octet \d+/g, "octet …");
}

function told(verdict: TransferVerdict, held: Zone | undefined): string {
  if (verdict.kind === "more") return "more";
  if (verdict.kind === "current") return `current ${verdict.serial}`;
  if (verdict.kind === "failed") {
    return `failed${verdict.isWholeLeft ? ", whole left" : ""}: ${verdict.why}`;
  }
  const { transfer } = verdict;
  const head = `${transfer.form} ${transfer.serial}`;
  expect([...messagesIn(transfer.frames)]).toHaveLength(transfer.messages);
  const made = receivedZone(ORIGIN, transfer, held);
  if (made.kind !== "good") return `${head}, ${made.kind}: ${made.why}`;
  expect(made.zone.serial).toBe(transfer.serial);
  const changes = held === undefined ? all(made.zone) : made.changes.map((one) => sign(one, held));
  const texts = changes.length === 0 ? "nothing" : changes.join(", ");
  return [`${head}: ${texts}`, ...made.warnings].join("; ");
}

function all(zone: Zone): string[] {
  return [...zone.rrsets()]
    .filter(({ type }) => type !== TYPE.SOA)
    .map(({ owner, type }) => `+${label(owner)} ${typeToText(type)}`);
}

function sign(
  { owner, type, rrset }: { owner: Uint8Array; type: number; rrset: unknown },
  held: Zone,
): string {
  const mark = rrset === undefined ? "-" : held.holds(owner, type) ? "" : "+";
  return `${mark}${label(owner).toLowerCase()} ${typeToText(type)}`;
}

function label(owner: Uint8Array): string {
  return nameToDisplay(owner).replace(/\.?example\.org$/i, "") || "@";
}

describe("a transfer that comes in", () => {
  for (const one of CASES.map(readCase)) {
    it(one.title, () => expect(play(one)).toBe(one.expected));
  }
});
