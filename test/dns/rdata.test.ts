// The table of test/data/dns-rdata.txt: what text becomes which octets and which text again, and
// what is said about text that is wrong.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nameFromText } from "../../src/dns/name.ts";
import { describedTypes } from "../../src/dns/rdata/registry.ts";
import {
  canonicalRdata,
  checkRdata,
  decompressRdata,
  hasCompressibleNames,
  nameOffsets,
  parseRdata,
  printRdata,
} from "../../src/dns/rdata.ts";
import { TYPE, typeFromText, typeToText } from "../../src/dns/types.ts";
import { hexOf, octetsOf, tokensOf } from "./tokens.ts";

const TABLE = new URL("../data/dns-rdata.txt", import.meta.url);
const ORIGIN = nameFromText("example.org.");

interface Case {
  readonly comment: string;
  readonly input: string;
  readonly expected: string;
}

const table = readFileSync(TABLE, "utf8");
const cases = casesOf(table);

describe("parseRdata() and printRdata()", () => {
  if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(TABLE, regenerated(table));
  for (const { comment, input, expected } of cases) {
    it(`${input.slice(0, 60)}: ${comment}`, () => {
      expect(outcomeOf(input)).toBe(expected);
    });
  }

  it("has a case for every described type", () => {
    const covered = new Set(cases.map(({ input }) => typeFromText(input.split(" ")[0] ?? "")));
    const missing = describedTypes().filter((type) => !covered.has(type));
    expect(missing.map(typeToText)).toEqual([]);
  });

  it("reads back what it printed for every good case", () => {
    for (const { input, expected } of cases) {
      const [, text] = /^>(.*)$/m.exec(expected) ?? [];
      if (text === undefined) continue;
      const [type = ""] = input.split(" ");
      expect(outcomeOf(type + text)).toBe(expected);
    }
  });
});

describe("printRdata()", () => {
  it("falls back to the generic form for data that is not valid", () => {
    expect(printRdata(TYPE.A, octetsOf("c00002"))).toBe("\\# 3 C00002");
    expect(printRdata(TYPE.NS, octetsOf("0361"))).toBe("\\# 2 0361");
    expect(printRdata(TYPE.TXT, octetsOf(""))).toBe("\\# 0");
    expect(printRdata(TYPE.LOC, octetsOf("01000000800000008000000000989680"))).toMatch(/^\\# 16 /);
  });
});

describe("checkRdata()", () => {
  // Each is one octet or one rule away from valid data.
  const bad: readonly (readonly [string, string, string])[] = [
    ["A", "c000020101", "an octet too many"],
    ["AAAA", "20010db8", "too short"],
    ["NS", "c00c", "a compression pointer"],
    ["NS", "0361626300ff", "octets behind the name"],
    ["MX", "000a", "no name"],
    ["SOA", "000000000001000000020000000300000004000000", "the last timer cut short"],
    ["TXT", "", "no string"],
    ["TXT", "0261", "a string that runs past the end"],
    ["CAA", "000061", "an empty tag"],
    ["CAA", "0001ff61", "a tag of other octets"],
    ["NSEC", "00", "no bitmap"],
    ["NSEC", "00000000", "an empty window"],
    ["NSEC", "00000100", "a window of zero octets only"],
    ["NSEC", "00000140000140", "a window twice"],
    ["NSEC", "0001014000010100", "windows out of order"],
    ["NSEC3", "010000000000000140", "an empty hash"],
    ["DS", "00010802aabb", "a SHA-256 digest of two octets"],
    ["SVCB", "00010000030002003500010003026832", "keys out of order"],
    ["SVCB", "000100000300010035", "a port of one octet"],
    ["SVCB", "0001000001000302683200010003026833", "a key twice"],
    ["SVCB", "000100000000020001", "a mandatory key that is missing"],
    ["SVCB", "00010000020000", "no-default-alpn alone"],
    ["SVCB", "0001000001000100", "an empty alpn id"],
    ["SVCB", "00010000040003c00002", "a hint of three octets"],
    ["APL", "00011803c00000", "a prefix with trailing zeros"],
    ["APL", "00030001ff", "a family without a form"],
    ["APL", "00012101c0", "a prefix past 32 bits"],
    ["LOC", "00121613ff0000008000000000989680", "a latitude past the pole"],
    ["LOC", "000a1613800000008000000000989680", "a size with digit 0 and a power"],
    ["IPSECKEY", "0a0402aaaa", "an unknown gateway type"],
    ["IPSECKEY", "0a0102c00002", "a gateway cut short"],
    ["AMTRELAY", "0a04", "an unknown relay type"],
    ["HIP", "00020001aa", "no host identity tag"],
    ["HIP", "01020001aabb0161", "a server's name cut short"],
    ["ATMA", "02aa", "an unknown format"],
    ["ATMA", "0161", "digits that are none"],
    ["WKS", "c00002010600", "a bitmap with trailing zeros"],
    ["NXT", "0080", "a bitmap with type 0"],
    ["ZONEMD", "000000010101aabb", "a digest under 12 octets"],
    ["EUI48", "00005e0053", "five octets"],
  ];
  for (const [type, hex, why] of bad) {
    it(`refuses ${type} ${hex}: ${why}`, () => {
      expect(checkRdata(typeFromText(type) ?? 0, octetsOf(hex))).toBe(false);
    });
  }

  it("takes any octets for types without a form, up to 65535", () => {
    expect(checkRdata(65280, new Uint8Array(0xffff))).toBe(true);
    expect(checkRdata(65280, new Uint8Array(0x1_0000))).toBe(false);
  });
});

describe("canonicalRdata()", () => {
  it("lowers names of the types in RFC 4034 section 6.2 only", () => {
    const lowered = (line: string): string => {
      const { type, rdata } = parsed(line);
      return printRdata(type, canonicalRdata(type, rdata));
    };
    expect(lowered("MX 10 MaiL.A.")).toBe("10 mail.a.");
    expect(lowered("SOA NS.A. Host.A. 1 2 3 4 5")).toBe("ns.a. host.a. 1 2 3 4 5");
    expect(lowered('NAPTR 1 2 "U" "Sip" "" Next.A.')).toBe('1 2 "U" "Sip" "" next.a.');
    expect(lowered("DNAME Other.A.")).toBe("other.a.");
    expect(lowered("NSEC Next.A. A")).toBe("Next.A. A");
    expect(lowered("SVCB 1 Target.A. alpn=H2")).toBe('1 Target.A. alpn="H2"');
    expect(lowered('TXT "Case"')).toBe('"Case"');
  });
});

describe("nameOffsets()", () => {
  it("finds every name, also those that depend on other octets", () => {
    const offsets = (line: string): readonly number[] => {
      const { type, rdata } = parsed(line);
      return nameOffsets(type, rdata);
    };
    expect(offsets("A 192.0.2.1")).toEqual([]);
    expect(offsets("SOA a. bc. 1 2 3 4 5")).toEqual([0, 3]);
    expect(offsets("SRV 1 2 3 a.")).toEqual([6]);
    expect(offsets("NAPTR 1 2 u s r a.")).toEqual([10]);
    expect(offsets("SVCB 1 a. alpn=h2")).toEqual([2]);
    expect(offsets("IPSECKEY 1 3 2 a. AAAA")).toEqual([3]);
    expect(offsets("IPSECKEY 1 1 2 192.0.2.1 AAAA")).toEqual([]);
    expect(offsets("HIP 2 AABB AAAA a. b.")).toEqual([9, 12]);
  });

  it("finds none in data that is not valid", () => {
    expect(nameOffsets(TYPE.NS, octetsOf("0361"))).toEqual([]);
  });
});

describe("hasCompressibleNames()", () => {
  it("is true for the types of RFC 1035 only", () => {
    const compressible = describedTypes().filter(hasCompressibleNames).map(typeToText).sort();
    expect(compressible).toEqual(
      ["CNAME", "MB", "MD", "MF", "MG", "MINFO", "MR", "MX", "NS", "PTR", "SOA"].sort(),
    );
    expect(hasCompressibleNames(65280)).toBe(false);
  });
});

describe("decompressRdata()", () => {
  const packet = octetsOf("0161 00 000a c000 ffff c000");

  it("follows pointers in types that RFC 3597 section 4 names", () => {
    expect(hexOf(decompressRdata(TYPE.MX, packet, 3, 4))).toBe("000a016100");
    expect(hexOf(decompressRdata(TYPE.RP, octetsOf("016100 c000 c000"), 3, 4))).toBe(
      "016100016100",
    );
  });

  it("refuses them in later types", () => {
    expect(() => decompressRdata(TYPE.DNAME, packet, 5, 2)).toThrow(/not valid DNAME data/);
    expect(() => decompressRdata(TYPE.SVCB, packet, 3, 4)).toThrow(/not valid SVCB data/);
  });

  it("keeps to the length it was given", () => {
    expect(() => decompressRdata(TYPE.MX, packet, 3, 3)).toThrow(/ends inside a name/);
    expect(() => decompressRdata(TYPE.MX, packet, 3, 6)).toThrow(/not valid MX data/);
    expect(() => decompressRdata(TYPE.A, packet, 7, 400)).toThrow(/ends inside A data/);
  });
});

function parsed(line: string): { readonly type: number; readonly rdata: Uint8Array } {
  const type = typeFromText(line.split(" ")[0] ?? "") ?? 0;
  const result = parseRdata(type, tokensOf(line.slice(line.indexOf(" "))), ORIGIN);
  if (result.kind === "bad") throw new Error(`${line}: expected ${result.expected}`);
  return { type, rdata: result.rdata };
}

function casesOf(text: string): Case[] {
  return text.split(/\n{2,}/).flatMap((block) => {
    const lines = block.split("\n").filter((line) => line !== "");
    const comment = lines.filter((line) => line.startsWith("# ")).map((line) => line.slice(2));
    const [input, ...expected] = lines.filter((line) => !line.startsWith("# "));
    if (input === undefined) return [];
    return [{ comment: comment.join(" "), input, expected: expected.join("\n") }];
  });
}

/** `= hex` and `> text` of good data, or `! token: expected`. */
function outcomeOf(input: string): string {
  const [typeText = ""] = input.split(" ");
  const type = typeFromText(typeText) ?? 0;
  const tokens = tokensOf(input.slice(typeText.length));
  const result = parseRdata(type, tokens, ORIGIN);
  if (result.kind === "bad") {
    return `! ${tokens[result.token]?.text ?? "(end)"}: ${result.expected}`;
  }
  expect(checkRdata(type, result.rdata)).toBe(true);
  const lines = [`= ${hexOf(result.rdata)}`, `> ${printRdata(type, result.rdata)}`];
  return lines.map((line) => line.trimEnd()).join("\n");
}

function regenerated(text: string): string {
  const blocks = text.split(/\n{2,}/).map((block) => {
    const lines = block.split("\n").filter((line) => line !== "" && !/^[=>!]/.test(line));
    const input = lines.find((line) => !line.startsWith("# "));
    return [...lines, ...(input === undefined ? [] : [outcomeOf(input)])].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}
