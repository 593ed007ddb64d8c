// The small tables and number rules: types, classes, rcodes, serials, times.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advanceSerial, compareSerial } from "../../src/dns/serial.ts";
import { ttlFromText } from "../../src/dns/ttl.ts";
import {
  CLASS,
  classFromText,
  classToText,
  isDataType,
  OPCODE,
  opcodeToText,
  RCODE,
  rcodeFromText,
  rcodeToText,
  TYPE,
  typeFromText,
  typeToText,
} from "../../src/dns/types.ts";

describe("typeFromText() and typeToText()", () => {
  it("agree for every type there can be", () => {
    const all = Array.from({ length: 0x1_0000 }, (_, type) => type);
    const lost = all.filter(
      (type) => typeFromText(typeToText(type)) !== type || typeFromText(`type${type}`) !== type,
    );
    expect(lost).toEqual([]);
  });

  it("read any case and refuse what is no type", () => {
    expect(typeFromText("aaaa")).toBe(TYPE.AAAA);
    expect(typeFromText("Nsap-Ptr")).toBe(TYPE["NSAP-PTR"]);
    for (const text of ["", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "TYPE 1", "B", "toString"]) {
      expect(typeFromText(text)).toBeUndefined();
    }
  });
});

describe("classFromText() and classToText()", () => {
  it("know the classes and number the rest", () => {
    expect(classFromText("in")).toBe(CLASS.IN);
    expect(classFromText("CLASS1")).toBe(CLASS.IN);
    expect(classFromText("class65535")).toBe(0xffff);
    expect(classFromText("CS")).toBeUndefined();
    expect(classToText(CLASS.ANY)).toBe("ANY");
    expect(classToText(2)).toBe("CLASS2");
  });
});

describe("rcodeToText() and opcodeToText()", () => {
  it("name what is registered", () => {
    expect(rcodeToText(RCODE.NXDOMAIN)).toBe("NXDOMAIN");
    expect(rcodeToText(16)).toBe("BADVERS");
    expect(rcodeToText(4095)).toBe("RCODE4095");
    expect(rcodeFromText("refused")).toBe(RCODE.REFUSED);
    expect(rcodeFromText("BADSIG")).toBe(16);
    expect(rcodeFromText("nope")).toBeUndefined();
    expect(opcodeToText(OPCODE.NOTIFY)).toBe("NOTIFY");
    expect(opcodeToText(3)).toBe("OPCODE3");
  });
});

describe("isDataType()", () => {
  it("keeps question and meta types out of zones", () => {
    for (const type of [TYPE.A, TYPE.CAA, TYPE.NULL, 127, 256, 65280, 65535]) {
      expect(isDataType(type)).toBe(true);
    }
    for (const type of [0, TYPE.OPT, 128, TYPE.TSIG, TYPE.ANY, 255, 65536]) {
      expect(isDataType(type)).toBe(false);
    }
  });
});

describe("compareSerial()", () => {
  // RFC 1982 section 3.2 around the ends of the circle.
  const cases: readonly (readonly [number, number, -1 | 0 | 1 | undefined])[] = [
    [0, 0, 0],
    [1, 0, 1],
    [0, 1, -1],
    [0, 0xffff_ffff, 1],
    [0xffff_ffff, 0, -1],
    [0x7fff_ffff, 0, 1],
    [0x8000_0000, 0, undefined],
    [0, 0x8000_0000, undefined],
    [0x8000_0001, 0, -1],
    [44, 100, -1],
    [200, 0xffff_ff9c, 1],
  ];
  for (const [a, b, expected] of cases) {
    it(`gives ${expected} for ${a} and ${b}`, () => {
      expect(compareSerial(a, b)).toBe(expected);
    });
  }
});

describe("advanceSerial()", () => {
  it("goes on past the end of the circle and skips zero", () => {
    expect(advanceSerial(1)).toBe(2);
    expect(advanceSerial(0xffff_ffff)).toBe(1);
    expect(advanceSerial(0xffff_fffe, 4)).toBe(2);
    expect(advanceSerial(7, 0)).toBe(7);
    expect(advanceSerial(0, 0)).toBe(0);
  });

  it("is always newer than before", () => {
    const serial = fc.nat(0xffff_ffff);
    fc.assert(
      fc.property(serial, fc.integer({ min: 1, max: 0x7fff_fffe }), (before, step) => {
        expect(compareSerial(advanceSerial(before, step), before)).toBe(1);
      }),
      { seed: 20_260_101 },
    );
  });
});

describe("ttlFromText()", () => {
  const good: readonly (readonly [string, number])[] = [
    ["0", 0],
    ["0000300", 300],
    ["1h", 3600],
    ["1W2d3H4m5S", 788_645],
    ["5s4m", 245],
    ["1h1h", 7200],
    ["0s", 0],
    ["4294967295", 4_294_967_295],
    ["4294967295s", 4_294_967_295],
  ];
  for (const [text, seconds] of good) {
    it(`reads ${text}`, () => expect(ttlFromText(text)).toBe(seconds));
  }

  for (const text of [
    "",
    "h",
    "1y",
    "1h30",
    "-1",
    "+1",
    "1.5h",
    "1 h",
    "h1",
    "4294967296",
    "9999w",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(ttlFromText(text)).toBeUndefined());
  }
});
