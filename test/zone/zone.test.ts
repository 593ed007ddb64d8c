// The zone against a plain model of it, and what it costs.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFromText, nameKey, nameToText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { ZoneBuilder } from "../../src/zone/build.ts";
import type { RRsetChange } from "../../src/zone/change.ts";
import { unpackRRsets } from "../../src/zone/pack.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { withSerial } from "../../src/zone/soa.ts";
import { Zone } from "../../src/zone/zone.ts";
import { BASE, built, linesOf, ORIGIN, recordOf, rrsetOf, zoneOf } from "./records.ts";

const WWW = nameFromText("www", ORIGIN);

describe("ZoneBuilder.add()", () => {
  it("keeps RRsets and records in the order they were written, wherever they stood", () => {
    const zone = zoneOf(
      "b 300 A 192.0.2.3",
      "a 300 A 192.0.2.9",
      "b 300 TXT x",
      "b 300 A 192.0.2.1",
      "a 300 A 192.0.2.8",
      "b 300 A 192.0.2.2",
      "a 300 A 192.0.2.7",
    );
    expect(linesOf(zone.rrsets()).slice(3)).toEqual([
      "b.example.org. 300 A 192.0.2.3",
      "b.example.org. 300 A 192.0.2.1",
      "b.example.org. 300 A 192.0.2.2",
      "a.example.org. 300 A 192.0.2.9",
      "a.example.org. 300 A 192.0.2.8",
      "a.example.org. 300 A 192.0.2.7",
      'b.example.org. 300 TXT "x"',
    ]);
    expect([zone.rrsetCount, zone.recordCount]).toEqual([6, 10]);
  });

  it("keeps them so when thousands of RRsets grow in turn and waste is cleared between", () => {
    const builder = new ZoneBuilder(ORIGIN);
    for (const line of BASE) {
      const { owner, type, ttl, rdata } = recordOf(line);
      builder.add(owner, type, ttl, rdata, 0);
    }
    const owners = Array.from({ length: 2000 }, (_, i) => nameFromText(`h${i}`, ORIGIN));
    for (let round = 0; round < 25; round++) {
      const ttl = round === 7 ? 200 : 300;
      for (const owner of owners)
        builder.add(owner, TYPE.A, ttl, Uint8Array.of(10, 0, 0, round), 0);
    }
    const outcome = builder.finish();
    if (outcome.kind === "bad") throw new Error("the zone is sound");
    const rrsets = [...outcome.zone.rrsets()].slice(3);
    expect(rrsets.map((rrset) => nameToText(rrset.owner))).toEqual(owners.map(nameToText));
    const rounds = Array.from({ length: 25 }, (_, i) => i);
    for (const rrset of rrsets) {
      expect(rrset.rdatas.map((rdata) => rdata[3])).toEqual(rounds);
      expect(rrset.ttl).toBe(200);
    }
    expect(outcome.zone.get(owners[1999] ?? ORIGIN, TYPE.A)?.rdatas).toHaveLength(25);
  });

  it("puts the SOA first, wherever it was written", () => {
    const outcome = built([...BASE.slice(1), ...BASE.slice(0, 1)]);
    if (outcome.kind === "bad") throw new Error("the zone is sound");
    const types = (zone: Zone): number[] => Array.from(zone.rrsets(), (rrset) => rrset.type);
    expect(types(outcome.zone)).toEqual([TYPE.SOA, TYPE.NS, TYPE.A]);
    expect(types(Zone.unpack(ORIGIN, outcome.zone.pack()))).toEqual([TYPE.SOA, TYPE.NS, TYPE.A]);
  });

  it("costs at most 60 octets for a record with an owner of its own", () => {
    const builder = new ZoneBuilder(ORIGIN, { fileOctets: 4_000_000 });
    for (const line of BASE) {
      const { owner, type, ttl, rdata } = recordOf(line);
      builder.add(owner, type, ttl, rdata, 0);
    }
    for (let i = 0; i < 100_000; i++) {
      const owner = nameFromText(`host-${i}`, ORIGIN);
      builder.add(owner, TYPE.A, 300, Uint8Array.of(10, i >> 16, i >> 8, i), i);
    }
    const outcome = builder.finish();
    if (outcome.kind === "bad") throw new Error("the zone is sound");
    expect(outcome.zone.recordCount).toBe(100_003);
    expect(outcome.zone.memoryOctets / outcome.zone.recordCount).toBeLessThan(60);
  });
});

describe("Zone", () => {
  const zone = zoneOf("WwW 300 A 192.0.2.10", "www 300 AAAA 2001:db8::1", "b.ent 300 TXT x");

  it("finds owners without regard to case and keeps their spelling", () => {
    const upper = nameFromText("WWW.EXAMPLE.ORG.");
    expect(nameToText(zone.get(upper, TYPE.A)?.owner ?? ORIGIN)).toBe("WwW.example.org.");
    expect(zone.rrsetsAt(upper).map((rrset) => rrset.type)).toEqual([TYPE.A, TYPE.AAAA]);
    expect([zone.has(upper), zone.holds(upper, TYPE.AAAA)]).toEqual([true, true]);
  });

  it("holds nothing at other names, empty non-terminals among them", () => {
    for (const owner of ["ent", "ww", "wwww", "x.www", "www.example.com."]) {
      const name = nameFromText(owner, ORIGIN);
      expect(zone.has(name)).toBe(false);
      expect(zone.rrsetsAt(name)).toEqual([]);
      expect(zone.get(name, TYPE.A)).toBeUndefined();
    }
    expect(zone.get(WWW, TYPE.MX)).toBeUndefined();
  });

  it("with() keeps a changed RRset's place, appends new ones, and leaves the old zone alone", () => {
    const before = linesOf(zone.rrsets());
    const edited = zone.with([
      setting("new 60 A 192.0.2.99"),
      setting("www 60 A 192.0.2.11"),
      { owner: nameFromText("b.ent", ORIGIN), type: TYPE.TXT, rrset: undefined },
      { owner: nameFromText("absent", ORIGIN), type: TYPE.TXT, rrset: undefined },
    ]);
    expect(linesOf(edited.rrsets()).slice(3)).toEqual([
      "www.example.org. 60 A 192.0.2.11",
      "www.example.org. 300 AAAA 2001:db8::1",
      "new.example.org. 60 A 192.0.2.99",
    ]);
    expect(edited.has(nameFromText("b.ent", ORIGIN))).toBe(false);
    expect(linesOf(zone.rrsets())).toEqual(before);
    expect(zone.with([])).toBe(zone);
  });

  it("with() takes the SOA's new serial", () => {
    const rrset = withSerial(zone.soa, 4_294_967_295);
    const edited = zone.with([{ owner: ORIGIN, type: TYPE.SOA, rrset }]);
    expect([zone.serial, edited.serial]).toEqual([1, 4_294_967_295]);
  });

  it("refuses to lose its SOA, which would be a defect", () => {
    const lost = { owner: ORIGIN, type: TYPE.SOA, rrset: undefined };
    expect(() => zone.with([lost])).toThrow("Cannot go on: a zone with an SOA at its origin");
  });

  it("answers like a plain map of RRsets, through any edits", () => {
    const start = zoneOf(...Array.from({ length: 30 }, (_, i) => `n${i} 300 A 192.0.2.${i}`));
    fc.assert(
      fc.property(
        fc.array(fc.array(arbitraryChange, { maxLength: 6 }), { maxLength: 40 }),
        (edits) => {
          let edited = start;
          const model = new Map([...start.rrsets()].map((rrset) => [keyOf(rrset), rrset]));
          for (const changes of edits) {
            edited = edited.with(changes);
            for (const change of changes) {
              if (change.rrset === undefined) model.delete(keyOf(change));
              else model.set(keyOf(change), change.rrset);
            }
          }
          expectSame(edited, model);
          expectSame(edited.folded(), model);
          expectSame(Zone.unpack(ORIGIN, edited.pack()), model);
          const shared = Zone.fromShared(structuredClone(edited.share()));
          expectSame(shared, model);
          expect(shared.pack()).toEqual(edited.pack());
          expect(linesOf(edited.folded().rrsets())).toEqual(linesOf(edited.rrsets()));
          expect(edited.pack()).toEqual(edited.folded().pack());
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it("shares its base with other threads, and copies only what edits have changed", () => {
    const edited = zone.with([setting("www 60 A 192.0.2.11")]);
    const { base, changed } = edited.share();
    expect(base.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(base.index.octets.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(zone.share().base.bytes.buffer).toBe(base.bytes.buffer);
    expect(linesOf(unpackRRsets(changed))).toEqual([
      "www.example.org. 60 A 192.0.2.11",
      "www.example.org. 300 AAAA 2001:db8::1",
    ]);
  });

  it("packed() lends the zone's own octets where it may, which pack() copies", () => {
    expect(zone.packed().buffer).toBe(zone.packed().buffer);
    expect(zone.packed()).toEqual(zone.pack());
    expect(zone.pack().buffer).not.toBe(zone.packed().buffer);
    expect(zone.pack().byteLength).toBe(zone.pack().buffer.byteLength);
  });

  it("folds what has been edited for long, without a change of what it holds", () => {
    let edited = zoneOf();
    for (let i = 0; i < 3000; i++)
      edited = edited.with([setting(`n${i % 1500} 300 A 192.0.2.${i % 256}`)]);
    expect([edited.rrsetCount, edited.recordCount]).toEqual([1503, 1503]);
    expect(edited.memoryOctets).toBeGreaterThan(zoneOf().memoryOctets);
    expect(edited.get(nameFromText("n1499", ORIGIN), TYPE.A)?.rdatas[0]?.[3]).toBe(2999 % 256);
  });
});

const arbitraryChange: fc.Arbitrary<RRsetChange> = fc
  .record({
    owner: fc.constantFrom("n1", "N2", "n29", "new", "NEW", "x.n3", "*"),
    type: fc.constantFrom("A", "TXT"),
    ttl: fc.integer({ min: 0, max: 9 }),
    count: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ owner, type, ttl, count }) => {
    const lines = Array.from({ length: Math.max(1, count) }, (_, i) =>
      type === "A" ? `${owner} ${ttl} A 192.0.2.${i}` : `${owner} ${ttl} TXT t${i}`,
    );
    const rrset = rrsetOf(...lines);
    return { owner: rrset.owner, type: rrset.type, rrset: count === 0 ? undefined : rrset };
  });

function setting(line: string): RRsetChange {
  const rrset = rrsetOf(line);
  return { owner: rrset.owner, type: rrset.type, rrset };
}

function keyOf({ owner, type }: { owner: Uint8Array; type: number }): string {
  return `${nameKey(owner)} ${type}`;
}

function expectSame(zone: Zone, model: ReadonlyMap<string, RRset>): void {
  const expected = [...model.values()];
  expect(linesOf(zone.rrsets()).sort()).toEqual(linesOf(expected).sort());
  expect(Array.from(zone.keys(), keyOf).sort()).toEqual([...model.keys()].sort());
  expect(zone.rrsetCount).toBe(model.size);
  expect(zone.recordCount).toBe(expected.reduce((sum, { rdatas }) => sum + rdatas.length, 0));
  const owners = new Set(expected.map(({ owner }) => nameKey(owner)));
  expect(Array.from(zone.owners(), nameKey).sort()).toEqual([...owners].sort());
  for (const rrset of expected) {
    expect(linesOf([zone.get(rrset.owner, rrset.type) ?? rrsetOf("")])).toEqual(linesOf([rrset]));
  }
  const counts = new Map<number, number>();
  for (const { type } of expected) counts.set(type, (counts.get(type) ?? 0) + 1);
  const used = [...zone.typeCounts()].filter(([, count]) => count > 0);
  expect(new Map(used)).toEqual(counts);
}
