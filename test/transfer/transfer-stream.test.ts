import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeQuery, type MessageRecord } from "../../src/dns/message.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { printRdata } from "../../src/dns/rdata.ts";
import { TYPE, typeToText } from "../../src/dns/types.ts";
import { condense } from "../../src/transfer/difference.ts";
import {
  receiveView,
  sendView,
  type TransferForm,
  TransferStream,
  transferForm,
  type ZoneView,
} from "../../src/transfer/transfer-stream.ts";
import { signRequest, verifyAnswer, verifyRequest } from "../../src/transfer/tsig.ts";
import { Arena } from "../../src/zone/arena.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { Zone } from "../../src/zone/zone.ts";
import { BASE, ORIGIN, recordOf, rrsetOf, zoneOf } from "../zone/records.ts";

const NOW = 1_795_000_000;
const QUERY = encodeQuery({ id: 7, name: ORIGIN, type: TYPE.AXFR });
const HEAD = { id: 7, question: QUERY.subarray(12), hasOpt: false, udpSize: 1232 };
const KEY = {
  name: ORIGIN,
  algorithm: "hmac-sha256",
  secret: new Uint8Array(32),
} as const;

function messagesOf(
  view: ZoneView,
  form: TransferForm,
  options: { readonly since?: number; readonly limit?: number; readonly hasOpt?: boolean } = {},
): Uint8Array[] {
  const { since, limit, hasOpt = false } = options;
  const head = { ...HEAD, hasOpt };
  const stream = new TransferStream({ head, view, form, since, chain: undefined });
  const messages: Uint8Array[] = [];
  while (!stream.isDone) messages.push(stream.next(NOW, limit).slice());
  return messages;
}

function recordsOf(messages: readonly Uint8Array[]): string[] {
  return messages.flatMap((message) => decodeMessage(message).answers.map(lineOf));
}

/** Records in full, with names as they are written out. */
function octetsOf(messages: readonly Uint8Array[]): string[] {
  return messages.flatMap((message) => {
    return decodeMessage(message).answers.map((one) => {
      const { owner, rdata, ...fixed } = one;
      const hex = [owner, rdata].map((octets) => Buffer.from(octets).toString("hex"));
      return `${JSON.stringify(fixed)} ${hex.join(" ")}`;
    });
  });
}

/** A zone of lines, after some of its RRsets were deleted or replaced, or others were added. */
function editedZone(lines: readonly string[], edits: readonly (readonly [number, string])[]): Zone {
  let zone = looseZone([...BASE, ...lines]);
  for (const [i, what] of edits) {
    const { owner, type } = [...zone.rrsets()][i + 1] ?? zone.soa;
    const fresh = rrsetOf(`edit${i} 60 A 192.0.2.77`);
    if (what === "new") zone = zone.with([{ owner: fresh.owner, type: TYPE.A, rrset: fresh }]);
    else if (type !== TYPE.SOA && what === "gone")
      zone = zone.with([{ owner, type, rrset: undefined }]);
    else if (type === TYPE.A) zone = zone.with([{ owner, type, rrset: { ...fresh, owner } }]);
  }
  return zone;
}

/** A zone of lines that need not be sound. */
function looseZone(lines: readonly string[], origin = ORIGIN): Zone {
  const arena = new Arena();
  for (const line of lines) {
    const { owner, type, ttl, rdata } = recordOf(line, origin);
    const at = arena.addRRset(owner, type, ttl, rdata);
    if (at >= 0 && !arena.holdsRdata(at, rdata, () => true)) arena.addRdata(at, rdata);
  }
  arena.finish();
  return Zone.over(origin, arena);
}

function lineOf({ owner, ttl, type, rdata }: MessageRecord): string {
  return `${nameToText(owner)} ${ttl} ${typeToText(type)} ${printRdata(type, rdata)}`;
}

function linesOf(rrsets: Iterable<RRset>): string[] {
  return [...rrsets].flatMap(({ rdatas, ...rrset }) => {
    return rdatas.map((rdata) => lineOf({ ...rrset, class: 1, rdata }));
  });
}

const SOA = "example.org. 300 SOA ns1.example.org. admin.example.org. 1 3600 600 86400 300";

describe("TransferStream", () => {
  it("sends every record of a zone between two SOAs, in several messages", () => {
    const hosts = Array.from({ length: 2000 }, (_, i) => `host${i} 300 A 192.0.2.${i % 250}`);
    const zone = zoneOf(...hosts, "@ 300 MX 10 ns1", "a.b.c 60 CNAME host1", "t 5 TXT hello");
    const messages = messagesOf({ zone, difference: undefined }, "whole");
    expect(recordsOf(messages)).toEqual([...linesOf(zone.rrsets()), SOA]);
    expect(messages).toHaveLength(4);
    expect(messages.map((message) => message.length <= 16_384)).toEqual(Array(4).fill(true));
    expect(messages.map((message) => decodeMessage(message).questions.length)).toEqual([
      1, 0, 0, 0,
    ]);
  });

  it("keeps records in their order and case, whatever the names and the size of messages", () => {
    const label = fc.constantFrom("a", "A", "b", "www", "xyzzy", "a-much-longer-label-than-others");
    const owner = fc.array(label, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));
    const target = fc.oneof(
      owner,
      owner.map((name) => `${name}.example.net.`),
    );
    const line = fc.oneof(
      fc.tuple(owner, fc.nat(255)).map(([name, n]) => `${name} 300 A 192.0.2.${n}`),
      fc.tuple(owner, target).map(([name, to]) => `${name} 300 MX 10 ${to}`),
      fc.tuple(owner, target).map(([name, to]) => `${name} 300 SRV 1 2 3 ${to}`),
    );
    const lines = fc.uniqueArray(line, {
      maxLength: 60,
      selector: (text) => text.toLowerCase(),
    });
    fc.assert(
      fc.property(lines, fc.integer({ min: 200, max: 2000 }), (records, limit) => {
        const zone = zoneOf(...records);
        const messages = messagesOf({ zone, difference: undefined }, "whole", { limit });
        expect(recordsOf(messages)).toEqual([...linesOf(zone.rrsets()), SOA]);
      }),
      { numRuns: 200 },
    );
  });

  it("sends the same octets of records whether it copies runs of entries or writes each", () => {
    const label = fc.constantFrom("a", "B", "host", "0".repeat(40), "x".repeat(63));
    const parents = fc.constantFrom("", ".b", ".B", ".a.host", `.${"y".repeat(63)}`);
    const owner = fc.tuple(label, fc.nat(30), parents).map(([text, n, parent]) => {
      return `${text.slice(0, 61)}${n}${parent}`;
    });
    const ttl = fc.constantFrom(0, 300, 2 ** 31 - 1);
    const data = fc.oneof(
      fc.nat(255).map((n) => `A 192.0.2.${n}`),
      fc.nat(0xffff).map((n) => `AAAA 2001:db8::${n.toString(16)}`),
      fc.nat(300).map((n) => `TXT ${"t".repeat(Math.min(n, 250))}`),
      owner.map((name) => `MX 10 ${name}`),
      owner.map((name) => `SRV 1 2 3 ${name}`),
    );
    const line = fc.tuple(owner, ttl, data).map((parts) => parts.join(" "));
    const edited = fc.array(fc.tuple(fc.nat(79), fc.constantFrom("gone", "new", "other")), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 80 }),
        edited,
        fc.integer({ min: 400, max: 5000 }),
        (lines, edits, limit) => {
          const zone = editedZone(lines, edits);
          const added = [...zone.rrsets()].slice(1);
          const whole = messagesOf({ zone, difference: undefined }, "whole", { limit });
          // Each RRset of a difference lies alone, so that nothing is copied with its neighbours.
          const view = { zone, difference: { removed: [], added } };
          const each = messagesOf(view, "difference", { limit, since: 0 });
          const [soa, ...records] = octetsOf(whole);
          expect(records.slice(0, -1)).toEqual(octetsOf(each).slice(3, -1));
          expect(records).toHaveLength(zone.recordCount);
          expect(records.at(-1)).toBe(soa);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("tells parents apart by each of their octets, in a zone whose names are short", () => {
    const root = nameFromText(".");
    const parents = ["ab", "ac", "AC", "xb", "abc", "abd", "xbc", "a", "a.b", "abcdefg", "abcdefx"];
    const owners = parents.flatMap((parent, i) => [`g${i}.${parent}.`, `h${i}.${parent}.`]);
    const zone = looseZone(
      [
        "@ 300 SOA ns. admin. 1 3600 600 86400 300",
        ...owners.map((owner) => `${owner} 5 A 192.0.2.1`),
      ],
      root,
    );
    const [, ...records] = recordsOf(messagesOf({ zone, difference: undefined }, "whole"));
    expect(records.slice(0, -1)).toEqual(owners.map((owner) => `${owner} 5 A 192.0.2.1`));
  });

  it("takes a record alone that is longer than a usual message", () => {
    const words = Array.from({ length: 120 }, () => "x".repeat(250)).join(" ");
    const zone = zoneOf(`long 300 TXT ${words}`);
    const messages = messagesOf({ zone, difference: undefined }, "whole");
    expect(recordsOf(messages)).toHaveLength(5);
    expect(messages.some((message) => message.length > 30_000)).toBe(true);
  });

  it("repeats an OPT record in every message to whoever sent one", () => {
    const view = { zone: zoneOf("a 300 A 192.0.2.1"), difference: undefined };
    const messages = messagesOf(view, "whole", { limit: 160, hasOpt: true });
    expect(messages.length).toBeGreaterThan(1);
    for (const message of messages) {
      expect(message.length).toBeLessThanOrEqual(160);
      expect(decodeMessage(message).edns?.udpSize).toBe(1232);
    }
  });

  it("sends what differs as RFC 1995 orders it", () => {
    const difference = condense([
      { removed: [rrsetOf("www 300 A 192.0.2.1")], added: [rrsetOf("www 5 A 192.0.2.2")] },
    ]);
    const view = { zone: zoneOf("www 5 A 192.0.2.2"), difference };
    expect(recordsOf(messagesOf(view, "difference", { since: 4 }))).toEqual([
      SOA,
      SOA.replace(" 1 3600", " 4 3600"),
      "www.example.org. 300 A 192.0.2.1",
      SOA,
      "www.example.org. 5 A 192.0.2.2",
      SOA,
    ]);
    expect(recordsOf(messagesOf(view, "current"))).toEqual([SOA]);
  });

  it("signs every message, each chained to the one before", () => {
    const { octets, chain: asked } = signRequest(QUERY, KEY, NOW);
    const verified = verifyRequest(octets, [KEY], NOW);
    if (verified.kind !== "signed") throw new Error(verified.kind);
    const zone = zoneOf(...Array.from({ length: 50 }, (_, i) => `h${i} 300 A 192.0.2.${i}`));
    const view = { zone, difference: undefined };
    const plan = { head: HEAD, view, form: "whole", since: undefined } as const;
    const stream = new TransferStream({ ...plan, chain: verified.chain });
    let chain = asked;
    while (!stream.isDone) {
      const message = stream.next(NOW, 400);
      expect(message.length).toBeLessThanOrEqual(400);
      const good = verifyAnswer(message, chain, NOW);
      if (good.kind === "bad") throw new Error(good.why);
      chain = good.chain;
    }
    expect(stream.messages).toBeGreaterThan(3);
    expect(stream.records).toBe(54);
  });
});

describe("receiveView()", () => {
  it("lays live answers over the zone, and leaves out what is not answered", () => {
    const zone = zoneOf("www 300 A 192.0.2.1", "www 300 AAAA 2001:db8::1", "x 300 A 192.0.2.3");
    const nothing = { ...rrsetOf("www 300 AAAA 2001:db8::1"), rdatas: [] };
    const live = [rrsetOf("www 5 A 192.0.2.2"), nothing, rrsetOf("new 5 A 192.0.2.4")];
    const view = receiveView(sendView(zone, live, undefined));
    expect(linesOf(view.zone.rrsets()).slice(3)).toEqual([
      "www.example.org. 5 A 192.0.2.2",
      "x.example.org. 300 A 192.0.2.3",
      "new.example.org. 5 A 192.0.2.4",
    ]);
    expect(view.difference).toBeUndefined();
  });
});

describe("transferForm()", () => {
  const zone = zoneOf("www 300 A 192.0.2.1");
  const small = { removed: [rrsetOf("www 300 A 192.0.2.2")], added: [] };
  const rdatas = Array.from({ length: 9 }, (_, i) => Uint8Array.of(192, 0, 2, i));
  const large = { removed: [], added: [{ ...rrsetOf("www 300 A 192.0.2.2"), rdatas }] };

  it.each([
    ["the same serial", small, false, "current"],
    ["a small difference", small, true, "difference"],
    ["more that differs than there is", large, true, "whole"],
    ["a journal that does not reach back", undefined, true, "whole"],
  ] as const)("%s", (_case, difference, isNewer, expected) => {
    expect(transferForm({ zone, difference }, isNewer)).toBe(expected);
  });
});

describe("condense()", () => {
  const a = rrsetOf("www 5 A 192.0.2.1");
  const b = rrsetOf("www 5 A 192.0.2.2");
  const both = rrsetOf("www 5 A 192.0.2.1", "www 5 A 192.0.2.2");
  const slow = rrsetOf("www 300 A 192.0.2.1");
  const other = rrsetOf("x 5 A 192.0.2.1");
  const upper = rrsetOf("WWW 5 A 192.0.2.1");
  const step = (removed: RRset[], added: RRset[]) => ({ removed, added });

  it.each([
    ["there and back is nothing", [step([a], [b]), step([b], [a])], [], []],
    ["one record of two goes", [step([both], [a])], [b], []],
    ["one record comes beside another", [step([a], [both])], [], [b]],
    ["another TTL takes the record anew", [step([slow], [a])], [slow], [a]],
    ["added and removed again is nothing", [step([], [other]), step([other], [])], [], []],
    ["owners have no case", [step([a], [b]), step([{ ...b, owner: upper.owner }], [])], [a], []],
    ["steps of several names", [step([a], [b]), step([], [other])], [a], [b, other]],
    ["an empty answer", [step([a], [{ ...a, rdatas: [] }])], [a], []],
    ["no step at all", [], [], []],
  ])("%s", (_case, steps, removed, added) => {
    const difference = condense(steps);
    expect(linesOf(difference.removed)).toEqual(linesOf(removed));
    expect(linesOf(difference.added)).toEqual(linesOf(added));
  });
});
