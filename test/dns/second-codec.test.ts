// Messages as dns-packet, written by others, reads and writes them.

import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, type MessageRecord } from "../../src/dns/message.ts";
import { nameFromText, nameToDisplay, ROOT } from "../../src/dns/name.ts";
import { parseRdata, printRdata } from "../../src/dns/rdata.ts";
import { CLASS, TYPE, typeFromText } from "../../src/dns/types.ts";
import { tokensOf } from "./tokens.ts";

const HEAD = {
  id: 7,
  isResponse: true,
  questions: [{ name: nameFromText("www.example.org."), type: TYPE.A, class: CLASS.IN }],
};

// What these tests use of dns-packet, which takes and gives Buffers only.
interface OtherAnswer {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: unknown;
}
interface OtherCodec {
  encode(message: object): Buffer;
  decode(packet: Buffer): { readonly id: number; readonly answers: readonly OtherAnswer[] };
}
const other: OtherCodec = createRequire(import.meta.url)("dns-packet");

describe("a second codec", () => {
  // our text beside dns-packet's data
  const cases: readonly (readonly [string, string, unknown])[] = [
    ["A", "192.0.2.1", "192.0.2.1"],
    ["AAAA", "2001:db8::1", "2001:db8::1"],
    ["NS", "ns1.example.org.", "ns1.example.org"],
    ["CNAME", "web.example.org.", "web.example.org"],
    ["PTR", "host.example.org.", "host.example.org"],
    ["DNAME", "other.example.net.", "other.example.net"],
    ["MX", "10 mail.example.org.", { preference: 10, exchange: "mail.example.org" }],
    [
      "SOA",
      "ns1.example.org. host.example.org. 7 3600 900 604800 300",
      {
        mname: "ns1.example.org",
        rname: "host.example.org",
        serial: 7,
        refresh: 3600,
        retry: 900,
        expire: 604_800,
        minimum: 300,
      },
    ],
    [
      "SRV",
      "1 2 443 web.example.org.",
      { priority: 1, weight: 2, port: 443, target: "web.example.org" },
    ],
    ["HINFO", '"i386" "Linux"', { cpu: "i386", os: "Linux" }],
    [
      "RP",
      "admin.example.org. txt.example.org.",
      { mbox: "admin.example.org", txt: "txt.example.org" },
    ],
    [
      "CAA",
      '0 issue "ca.example.net"',
      { flags: 0, tag: "issue", value: "ca.example.net", issuerCritical: false },
    ],
  ];
  for (const [type, text, data] of cases) {
    it(`agrees on ${type}`, () => {
      const answer = record("www.example.org.", type, text);
      const theirs = other.decode(Buffer.from(encodeMessage({ ...HEAD, answers: [answer] })));
      expect(theirs.answers[0]).toMatchObject({ name: "www.example.org", type, ttl: 300, data });
      const packet = other.encode({
        id: 7,
        type: "response",
        answers: [{ name: "www.example.org", type, ttl: 300, data }],
      });
      const [ours] = decodeMessage(packet).answers;
      expect(ours).toEqual(answer);
      expect(printRdata(answer.type, ours?.rdata ?? new Uint8Array(0))).toBe(text);
      expect(nameToDisplay(ours?.owner ?? ROOT)).toBe("www.example.org");
    });
  }

  it("agrees on TXT, whose strings it gives as octets", () => {
    const answer = record("www.example.org.", "TXT", '"one" "two"');
    const [theirs] = other.decode(
      Buffer.from(encodeMessage({ ...HEAD, answers: [answer] })),
    ).answers;
    expect(theirs?.data).toEqual([Buffer.from("one"), Buffer.from("two")]);
  });
});

function record(owner: string, typeText: string, text: string): MessageRecord {
  const type = typeFromText(typeText) ?? 0;
  const result = parseRdata(type, tokensOf(text), ROOT);
  if (result.kind === "bad") throw new Error(`${typeText} ${text}: expected ${result.expected}`);
  return { owner: nameFromText(owner), type, class: CLASS.IN, ttl: 300, rdata: result.rdata };
}
