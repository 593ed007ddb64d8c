import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameToDisplay } from "../../src/dns/name.ts";
import { typeToText } from "../../src/dns/types.ts";
import type { RRsetChange } from "../../src/zone/change.ts";
import { diffZones, equalRRsets, invertChanges } from "../../src/zone/diff.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { built, linesOf, zoneOf } from "./records.ts";

const NS = ["@ 300 NS ns1", "ns1 300 A 192.0.2.1"];

function zoneWithSoa(soa: string): Zone {
  const outcome = built([`@ ${soa}`, ...NS]);
  if (outcome.kind === "bad") throw new Error("the zone is sound");
  return outcome.zone;
}

function saidOf(changes: readonly RRsetChange[]): string[] {
  return changes.map(({ owner, type, rrset }) => {
    const verb = rrset === undefined ? "delete" : "set";
    return `${verb} ${nameToDisplay(owner)} ${typeToText(type)}`;
  });
}

describe("diffZones()", () => {
  it("finds nothing between equal zones, however their RRsets and owners are written", () => {
    const before = zoneOf("a 300 A 192.0.2.1", "b 300 A 192.0.2.2", "c 300 TXT x");
    const after = zoneOf("C 300 TXT x", "b 300 A 192.0.2.2", "A 300 A 192.0.2.1");
    expect(diffZones(before, after)).toEqual([]);
  });

  it("finds what was added, changed and deleted", () => {
    const before = zoneOf("a 300 A 192.0.2.1", "b 300 A 192.0.2.2", "c 300 TXT x");
    const after = zoneOf("a 60 A 192.0.2.1", "new 300 A 192.0.2.9", "c 300 TXT x", "c 300 TXT y");
    expect(saidOf(diffZones(before, after))).toEqual([
      "set a.example.org A",
      "set new.example.org A",
      "delete b.example.org A",
      "set c.example.org TXT",
    ]);
  });

  it("takes the order of an RRset's records for content", () => {
    const before = zoneOf("a 300 A 192.0.2.1", "a 300 A 192.0.2.2");
    const after = zoneOf("a 300 A 192.0.2.2", "a 300 A 192.0.2.1");
    expect(saidOf(diffZones(before, after))).toEqual(["set a.example.org A"]);
  });

  it("finds every difference of the SOA but its serial", () => {
    const before = zoneWithSoa("300 SOA ns1 admin 1 3600 600 86400 300");
    const later = zoneWithSoa("300 SOA ns1 admin 2 3600 600 86400 300");
    const other = zoneWithSoa("300 SOA ns1 admin 1 3600 600 86400 60");
    const shorter = zoneWithSoa("60 SOA ns1 admin 1 3600 600 86400 300");
    expect(diffZones(before, later)).toEqual([]);
    expect(saidOf(diffZones(before, other))).toEqual(["set example.org SOA"]);
    expect(saidOf(diffZones(before, shorter))).toEqual(["set example.org SOA"]);
  });

  it("turns any zone into any other, and invertChanges() turns it back", () => {
    const line = fc
      .tuple(
        fc.constantFrom("a", "b", "c", "d.c", "*"),
        fc.constantFrom("A 192.0.2.1", "A 192.0.2.2", "A 192.0.2.3", "TXT x", "TXT y"),
        fc.constantFrom(60, 300),
      )
      .map(([owner, data, ttl]) => `${owner} ${ttl} ${data}`);
    const zone = fc.array(line, { maxLength: 25 }).map((lines) => zoneOf(...lines));
    fc.assert(
      fc.property(zone, zone, (before, after) => {
        const changes = diffZones(before, after);
        const reached = before.with(changes);
        expectEqual(reached, after);
        expectEqual(reached.with(invertChanges(before, changes)), before);
        expect(diffZones(reached, after)).toEqual([]);
        for (const { rrset, owner, type } of changes) {
          const old = before.get(owner, type);
          expect(old !== undefined && rrset !== undefined && equalRRsets(old, rrset)).toBe(false);
        }
      }),
      { seed: 7 },
    );
  });
});

/** Equal but for the order of RRsets: lines are sorted by owner and type, kept within an RRset. */
function expectEqual(a: Zone, b: Zone): void {
  expect(grouped(a)).toEqual(grouped(b));
}

function grouped(zone: Zone): string[] {
  return Array.from(zone.rrsets(), (rrset) => linesOf([rrset]).join("\n")).sort();
}
