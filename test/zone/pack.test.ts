import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackError, packRRsets, unpackRRsets } from "../../src/zone/pack.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { linesOf, rrsetOf } from "./records.ts";

const RRSETS = [
  rrsetOf("www 300 A 192.0.2.1", "www 300 A 192.0.2.2"),
  { ...rrsetOf("gone 0 TXT x"), rdatas: [] },
  rrsetOf("mail 2147483647 MX 10 a.example.net."),
];

describe("packRRsets()", () => {
  it("writes the octets that are documented", () => {
    const hex = Buffer.from(packRRsets([rrsetOf("a 258 A 192.0.2.1")])).toString("hex");
    const owner = "0161076578616d706c65036f726700";
    expect(hex).toBe(`0f${owner}0001${"00000102"}0001${"0004c0000201"}`);
  });

  it("is undone by unpackRRsets(), deletions included", () => {
    const unpacked = [...unpackRRsets(packRRsets(RRSETS))];
    expect(linesOf(unpacked)).toEqual(linesOf(RRSETS));
    expect(unpacked.map((rrset) => rrset.rdatas.length)).toEqual([2, 0, 1]);
  });

  it("is undone whatever the RRsets hold", () => {
    const octets = (minLength: number, maxLength: number) =>
      fc.uint8Array({ minLength, maxLength });
    const rrset: fc.Arbitrary<RRset> = fc.record({
      owner: octets(1, 255),
      type: fc.integer({ min: 1, max: 65535 }),
      ttl: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      rdatas: fc.array(octets(0, 600), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(rrset, { maxLength: 20 }), (rrsets) => {
        const back = Array.from(unpackRRsets(packRRsets(rrsets)), (one) => ({
          ...one,
          owner: Uint8Array.from(one.owner),
          rdatas: one.rdatas.map((rdata) => Uint8Array.from(rdata)),
        }));
        expect(back).toEqual(rrsets.map((one) => ({ ...one, owner: Uint8Array.from(one.owner) })));
      }),
      { seed: 7 },
    );
  });
});

describe("unpackRRsets()", () => {
  it("refuses every cut that is not between entries", () => {
    const packed = packRRsets(RRSETS);
    const ends = new Set<number>();
    for (let i = 0; i <= RRSETS.length; i++) ends.add(packRRsets(RRSETS.slice(0, i)).length);
    for (let length = 0; length <= packed.length; length++) {
      const read = () => [...unpackRRsets(packed.subarray(0, length))];
      if (ends.has(length)) expect(read).not.toThrow();
      else expect(read).toThrow(PackError);
    }
  });

  it("refuses an entry without an owner", () => {
    expect(() => [...unpackRRsets(new Uint8Array(40))]).toThrow(
      "Cannot unpack RRsets: at octet 0, an entry has no owner",
    );
  });
});
