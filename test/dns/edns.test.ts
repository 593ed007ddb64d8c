// EDNS options: octets, values and text.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type EdnsValue,
  edeToText,
  optionToText,
  readOption,
  readOptions,
  writeOption,
  writeOptions,
} from "../../src/dns/edns.ts";
import { MessageError } from "../../src/dns/packet.ts";
import { EDE, EDNS_OPTION } from "../../src/dns/types.ts";
import { octets } from "./arbitraries.ts";
import { hexOf, octetsOf } from "./tokens.ts";

const RUNS = { numRuns: 300, seed: 20_260_101 };

describe("readOption(), writeOption() and optionToText()", () => {
  // code, octets, value, text
  const good: readonly (readonly [number, string, EdnsValue, string])[] = [
    [
      EDNS_OPTION.NSID,
      "6e7331ff",
      { kind: "nsid", octets: octetsOf("6e7331ff") },
      'NSID: 6e7331ff ("ns1.")',
    ],
    [
      EDNS_OPTION.COOKIE,
      "0102030405060708",
      { kind: "cookie", client: octetsOf("0102030405060708") },
      "COOKIE: 0102030405060708",
    ],
    [
      EDNS_OPTION.COOKIE,
      "01020304050607081112131415161718",
      {
        kind: "cookie",
        client: octetsOf("0102030405060708"),
        server: octetsOf("1112131415161718"),
      },
      "COOKIE: 01020304050607081112131415161718",
    ],
    [
      EDNS_OPTION.ECS,
      "00011800c00002",
      { kind: "ecs", address: "192.0.2.0", sourceBits: 24, scopeBits: 0 },
      "CLIENT-SUBNET: 192.0.2.0/24/0",
    ],
    [
      EDNS_OPTION.ECS,
      "0002252020010db880",
      { kind: "ecs", address: "2001:db8:8000::", sourceBits: 37, scopeBits: 32 },
      "CLIENT-SUBNET: 2001:db8:8000::/37/32",
    ],
    [
      EDNS_OPTION.ECS,
      "00010000",
      { kind: "ecs", address: "0.0.0.0", sourceBits: 0, scopeBits: 0 },
      "CLIENT-SUBNET: 0.0.0.0/0/0",
    ],
    [EDNS_OPTION.KEEPALIVE, "", { kind: "keepalive" }, "TCP-KEEPALIVE"],
    [
      EDNS_OPTION.KEEPALIVE,
      "0064",
      { kind: "keepalive", timeout: 100 },
      "TCP-KEEPALIVE: 10.0 secs",
    ],
    [EDNS_OPTION.PADDING, "000000", { kind: "padding", sizeOctets: 3 }, "PADDING: 3 octets"],
    [EDNS_OPTION.EDE, "0012", { kind: "ede", infoCode: 18, text: "" }, "EDE: 18 (Prohibited)"],
    [
      EDNS_OPTION.EDE,
      "001673747564c3a9",
      { kind: "ede", infoCode: 22, text: "studé" },
      "EDE: 22 (No reachable authority): studé",
    ],
    [65001, "ff00", { kind: "other", code: 65001, octets: octetsOf("ff00") }, "OPT=65001: ff00"],
  ];
  for (const [code, hex, value, text] of good) {
    it(`reads and writes ${text}`, () => {
      const option = { code, octets: octetsOf(hex) };
      expect(readOption(option)).toEqual(value);
      expect(value.kind === "bad" ? undefined : writeOption(value)).toEqual(option);
      expect(optionToText(option)).toBe(text);
    });
  }

  const bad: readonly (readonly [number, string, string])[] = [
    [EDNS_OPTION.COOKIE, "", "a cookie has 8 or 16 to 40 octets, not 0"],
    [EDNS_OPTION.COOKIE, "01020304050607", "a cookie has 8 or 16 to 40 octets, not 7"],
    [EDNS_OPTION.COOKIE, "01".repeat(15), "a cookie has 8 or 16 to 40 octets, not 15"],
    [EDNS_OPTION.COOKIE, "01".repeat(41), "a cookie has 8 or 16 to 40 octets, not 41"],
    [EDNS_OPTION.ECS, "000118", "a client subnet has at least 4 octets, not 3"],
    [EDNS_OPTION.ECS, "00030000", "address family 3 is not 1 or 2"],
    [EDNS_OPTION.ECS, "00012100c0000201ff", "prefix of 33 bits is too long"],
    [EDNS_OPTION.ECS, "00011821c00002", "scope of 33 bits is too long"],
    [EDNS_OPTION.ECS, "00011800c0000201", "4 octets do not fit a prefix of 24 bits"],
    [EDNS_OPTION.ECS, "00011700c00003", "bits past the prefix of 23 bits are set"],
    [EDNS_OPTION.KEEPALIVE, "00", "a keepalive has 0 or 2 octets, not 1"],
    [EDNS_OPTION.EDE, "00", "an extended error has at least 2 octets"],
  ];
  for (const [code, hex, why] of bad) {
    it(`says that ${why}`, () => {
      const option = { code, octets: octetsOf(hex) };
      expect(readOption(option)).toEqual({ kind: "bad", code, why });
      expect(optionToText(option)).toBe(`OPT=${code}: ${hex} (malformed: ${why})`);
    });
  }

  it("drop the NUL some servers end their texts with", () => {
    const option = { code: EDNS_OPTION.EDE, octets: octetsOf("00006f6b00") };
    expect(readOption(option)).toEqual({ kind: "ede", infoCode: 0, text: "ok" });
  });

  it("cut the host's bits off a subnet that is written", () => {
    const value = { kind: "ecs", address: "192.0.2.255", sourceBits: 25, scopeBits: 0 } as const;
    expect(hexOf(writeOption(value).octets)).toBe("00011900c0000280");
  });

  it("take any octets", () => {
    fc.assert(
      fc.property(fc.nat(20), octets(0, 48), (code, data) => {
        const option = { code, octets: data };
        const value = readOption(option);
        expect(optionToText(option)).not.toBe("");
        // Broken UTF-8 and a padding's octets are not kept; everything else is.
        if (value.kind === "bad" || value.kind === "ede" || value.kind === "padding") return;
        expect(writeOption(value)).toEqual(option);
      }),
      RUNS,
    );
  });
});

describe("readOptions() and writeOptions()", () => {
  it("are each other's opposite", () => {
    const option = fc.record({ code: fc.nat(0xffff), octets: octets(0, 30) });
    fc.assert(
      fc.property(fc.array(option, { maxLength: 5 }), (options) => {
        expect(readOptions(writeOptions(options))).toEqual(options);
      }),
      RUNS,
    );
  });

  it("throw MESSAGE_BAD_OPT at the option that runs past the end", () => {
    for (const hex of ["00", "000300", "00030001", "000300000003000261"]) {
      expect(() => readOptions(octetsOf(hex), 100)).toThrow(MessageError);
    }
    expect(() => readOptions(octetsOf("000300000003000261"), 100)).toThrow(/at octet 104/);
  });
});

describe("edeToText()", () => {
  it("has words for every registered code", () => {
    for (const infoCode of Object.values(EDE)) expect(edeToText(infoCode)).not.toBe("Unknown");
    expect(edeToText(EDE.STALE_NXDOMAIN_ANSWER)).toBe("Stale NXDOMAIN answer");
    expect(edeToText(EDE.RRSIGS_MISSING)).toBe("RRSIGs missing");
    expect(edeToText(49152)).toBe("Unknown");
  });
});
