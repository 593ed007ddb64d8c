// Broken packets by the thousand, from a seed: only MessageError may come out. More cases, another
// seed: DNS_FUZZ_CASES=100000 DNS_FUZZ_SEED=7.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { decodeMessage, encodeMessage, MessageError } from "../../src/dns/message.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { readPacketName } from "../../src/dns/packet.ts";
import {
  canonicalRdata,
  checkRdata,
  decompressRdata,
  nameOffsets,
  parseRdata,
  printRdata,
} from "../../src/dns/rdata.ts";
import { CLASS, TYPE } from "../../src/dns/types.ts";
import { joined, knownTypes, rdataOf } from "./arbitraries.ts";
import { hexOf, tokensOf } from "./tokens.ts";

const CASES = Number(process.env["DNS_FUZZ_CASES"] ?? 4000);
const SEED = Number(process.env["DNS_FUZZ_SEED"] ?? 20_260_101);
const ORIGIN = nameFromText("example.org.");

/** One message with a record of each type, compressed where that is allowed. */
const CORPUS: readonly Uint8Array[] = knownTypes.map((type) => {
  const [rdata = new Uint8Array(0)] = fc.sample(rdataOf(type), { numRuns: 1, seed: SEED });
  const records = [
    { owner: nameFromText("www.example.org."), type, class: CLASS.IN, ttl: 300, rdata },
    {
      owner: ORIGIN,
      type: TYPE.NS,
      class: CLASS.IN,
      ttl: 300,
      rdata: nameFromText("a.example.org."),
    },
  ];
  return encodeMessage({
    id: 1,
    isResponse: true,
    questions: [{ name: nameFromText("www.example.org."), type, class: CLASS.IN }],
    answers: records,
    edns: {
      udpSize: 1232,
      version: 0,
      isDnssecOk: true,
      flags: 0,
      options: [{ code: 3, octets: new Uint8Array(4) }],
    },
  });
});

describe("decodeMessage()", () => {
  it(`throws only MessageError for ${CASES} broken messages (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    let accepted = 0;
    for (let i = 0; i < CASES; i++) {
      const packet = mutated(CORPUS, random);
      try {
        const message = decodeMessage(packet);
        accepted++;
        // What was accepted is data like any other: it can be written and read again.
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      } catch (error) {
        if (!(error instanceof MessageError)) throw withPacket(error, packet);
      }
    }
    // Both roads were taken, or this test shows nothing.
    expect(accepted).toBeGreaterThan(CASES / 50);
    expect(accepted).toBeLessThan(CASES);
  });
});

describe("readPacketName()", () => {
  it("ends on any octets, also where most of them are pointers", () => {
    const random = seededRandom(SEED + 1);
    for (let i = 0; i < CASES; i++) {
      const packet = new Uint8Array(64);
      for (let at = 0; at < packet.length; at++) {
        packet[at] = below(random, 2) === 0 ? 0xc0 : below(random, 64);
      }
      try {
        const { name, end } = readPacketName(packet, below(random, 64));
        expect(name.length).toBeLessThanOrEqual(255);
        expect(end).toBeLessThanOrEqual(packet.length);
      } catch (error) {
        if (!(error instanceof MessageError)) throw withPacket(error, packet);
      }
    }
  });

  it("follows 127 pointers and no more", () => {
    const packet = new Uint8Array(0x4000);
    for (let at = 2; at < packet.length; at += 2) {
      packet.set([0xc0 | ((at - 2) >> 8), (at - 2) & 255], at);
    }
    expect(readPacketName(packet, 127 * 2).name).toEqual(Uint8Array.of(0));
    expect(() => readPacketName(packet, 128 * 2)).toThrow(/more than 127 pointers/);
  });
});

describe("checkRdata(), printRdata() and their kind", () => {
  it("take any octets for any type", () => {
    const random = seededRandom(SEED + 2);
    const corpus = new Map(
      knownTypes.map((type) => [type, fc.sample(rdataOf(type), { numRuns: 5, seed: SEED })]),
    );
    for (let i = 0; i < CASES; i++) {
      const type = knownTypes[below(random, knownTypes.length)] ?? 1;
      const rdata = mutated(corpus.get(type) ?? [], random);
      const isSound = checkRdata(type, rdata);
      const parsed = parseRdata(type, tokensOf(printRdata(type, rdata)), ORIGIN);
      expect(parsed.kind).toBe(isSound ? "ok" : "bad");
      if (parsed.kind === "ok") expect(hexOf(parsed.rdata)).toBe(hexOf(rdata));
      expect(canonicalRdata(type, rdata).length).toBe(rdata.length);
      for (const at of nameOffsets(type, rdata)) expect(at).toBeLessThan(rdata.length);
      try {
        const copy = decompressRdata(type, rdata, 0, rdata.length);
        expect(checkRdata(type, copy)).toBe(true);
      } catch (error) {
        if (!(error instanceof MessageError)) throw withPacket(error, rdata);
        expect(isSound).toBe(false);
      }
    }
  });
});

/** One of the corpus, changed in one to four places. */
function mutated(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = (): Uint8Array => corpus[below(random, corpus.length)] ?? new Uint8Array(0);
  let octets = new Uint8Array(pick());
  for (let left = 1 + below(random, 4); left > 0; left--) {
    const at = below(random, octets.length + 1);
    switch (below(random, 6)) {
      case 0:
        if (at < octets.length) octets[at] = (octets[at] ?? 0) ^ (1 << below(random, 8));
        break;
      case 1:
        if (at < octets.length) octets[at] = below(random, 256);
        break;
      case 2:
        octets = spliced(octets, at, 1 + below(random, 4), new Uint8Array(0));
        break;
      case 3:
        octets = spliced(octets, at, 0, Uint8Array.of(below(random, 256)));
        break;
      case 4:
        octets = spliced(octets, at, 2, Uint8Array.of(0xc0, below(random, octets.length + 1)));
        break;
      default:
        octets = spliced(octets, at, octets.length, pick().subarray(at));
    }
  }
  return octets;
}

function spliced(
  octets: Uint8Array,
  at: number,
  count: number,
  inserted: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(joined([octets.subarray(0, at), inserted, octets.subarray(at + count)]));
}

function withPacket(error: unknown, packet: Uint8Array): Error {
  return new Error(`octets ${hexOf(packet)}`, { cause: error });
}
