// What must hold for every type and any data: text and octets are two forms of the same thing.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFromText, ROOT } from "../../src/dns/name.ts";
import { describedTypes } from "../../src/dns/rdata/registry.ts";
import {
  canonicalRdata,
  checkRdata,
  decompressRdata,
  nameOffsets,
  parseRdata,
  printRdata,
} from "../../src/dns/rdata.ts";
import { typeToText } from "../../src/dns/types.ts";
import { knownTypes, octets, rdataOf } from "./arbitraries.ts";
import { hexOf, tokensOf } from "./tokens.ts";

const RUNS = { numRuns: 40, seed: 20_260_101 };
const ORIGIN = nameFromText("example.org.");

describe("record data of every type", () => {
  it("has an arbitrary for each described type", () => {
    expect(describedTypes().filter((type) => !knownTypes.includes(type))).toEqual([]);
  });

  for (const type of knownTypes) {
    it(`${typeToText(type)} goes from octets to text and back`, () => {
      fc.assert(
        fc.property(rdataOf(type), (rdata) => {
          expect(checkRdata(type, rdata)).toBe(true);
          const text = printRdata(type, rdata);
          expect(text).toMatch(/^[\x20-\x7e]*$/);
          expect(parseRdata(type, tokensOf(text), ROOT)).toEqual({ kind: "ok", rdata });
          expect(decompressRdata(type, rdata, 0, rdata.length)).toEqual(rdata);
        }),
        RUNS,
      );
    });

    it(`${typeToText(type)} has a canonical form that is its own`, () => {
      fc.assert(
        fc.property(rdataOf(type), (rdata) => {
          const canonical = canonicalRdata(type, rdata);
          expect(canonical.length).toBe(rdata.length);
          expect(canonicalRdata(type, canonical)).toEqual(canonical);
          expect(nameOffsets(type, canonical)).toEqual(nameOffsets(type, rdata));
        }),
        RUNS,
      );
    });

    it(`${typeToText(type)} is printed and judged whatever its octets`, () => {
      fc.assert(
        fc.property(fc.oneof(octets(0, 40), mutated(rdataOf(type))), (rdata) => {
          const text = printRdata(type, rdata);
          const result = parseRdata(type, tokensOf(text), ORIGIN);
          // What is not valid prints in the generic form, which is refused when it is read.
          if (checkRdata(type, rdata)) expect(result).toEqual({ kind: "ok", rdata });
          else expect(result.kind).toBe("bad");
        }),
        RUNS,
      );
    });

    it(`${typeToText(type)} takes any tokens without an exception`, () => {
      const token = fc.record({ text: anyText(), isQuoted: fc.boolean() });
      fc.assert(
        fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
          const result = parseRdata(type, tokens, ORIGIN);
          if (result.kind === "ok") {
            expect(checkRdata(type, result.rdata)).toBe(true);
          } else {
            expect(result.token).toBeGreaterThanOrEqual(0);
            expect(result.token).toBeLessThanOrEqual(tokens.length);
            expect(result.expected).not.toBe("");
          }
        }),
        RUNS,
      );
    });
  }
});

/** Data with one octet changed, added or cut off. */
function mutated(rdata: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(rdata, fc.nat(200), fc.nat(255), fc.nat(2))
    .map(([octetsBefore, at, octet, how]) => {
      const hex = hexOf(octetsBefore);
      const cut = Math.min(at, octetsBefore.length) * 2;
      const inserted = octet.toString(16).padStart(2, "0");
      const tail =
        how === 0 ? inserted + hex.slice(cut) : how === 1 ? inserted + hex.slice(cut + 2) : "";
      return Uint8Array.from(Buffer.from(hex.slice(0, cut) + tail, "hex"));
    });
}

function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      "0",
      "1",
      "255",
      "65535",
      "4294967295",
      ".",
      "@",
      "a.b.",
      "A",
      "NSEC",
      "-",
      "\\",
    ),
    fc.constantFrom(
      "\\#",
      "AAAA",
      "alpn=h2",
      "mandatory=",
      'key1="',
      "key1=\\",
      "1:1.2.3.4/5",
      "N",
    ),
    fc.constantFrom("192.0.2.1", "::1", "00", "+1", "\\256", "\u00ff", "20300101000000", "0x00"),
  );
}
