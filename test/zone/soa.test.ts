import { describe, expect, it } from "vitest";
import { nameToText } from "../../src/dns/name.ts";
import { readSoa, SoaError, withSerial } from "../../src/zone/soa.ts";
import { linesOf, rrsetOf } from "./records.ts";

const SOA = rrsetOf("@ 300 SOA ns1 admin 7 3600 600 86400 4294967295");

describe("readSoa()", () => {
  it("reads names and numbers", () => {
    const { mname, rname, ...numbers } = readSoa(SOA.rdatas[0] ?? new Uint8Array());
    expect([mname, rname].map(nameToText)).toEqual(["ns1.example.org.", "admin.example.org."]);
    const expected = { serial: 7, refresh: 3600, retry: 600, expire: 86400, minimum: 4294967295 };
    expect(numbers).toEqual(expected);
  });

  it("refuses every rdata that is cut off or too long", () => {
    const rdata = SOA.rdatas[0] ?? new Uint8Array();
    for (let length = 0; length < rdata.length; length++) {
      expect(() => readSoa(rdata.subarray(0, length))).toThrow(SoaError);
    }
    expect(() => readSoa(Uint8Array.of(...rdata, 0))).toThrow(SoaError);
  });
});

describe("withSerial()", () => {
  it("changes the serial alone, in a copy", () => {
    const before = linesOf([SOA]);
    const after = linesOf([withSerial(SOA, 4294967295)]);
    expect(after[0]).toBe(before[0]?.replace(" 7 ", " 4294967295 "));
    expect(linesOf([SOA])).toEqual(before);
  });
});
