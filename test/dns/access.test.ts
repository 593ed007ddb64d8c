import { describe, expect, it } from "vitest";
import { ipToBytes } from "../../src/base/ip.ts";
import { readPrefix } from "../../src/config/access-fields.ts";
import { type AccessRule, isAdmitted, isWithin, type Prefix } from "../../src/dns/access.ts";
import { nameFromText, ROOT } from "../../src/dns/name.ts";

function octets(text: string): Uint8Array {
  return ipToBytes(text) ?? new Uint8Array();
}

function prefixOf(text: string): Prefix {
  const reading = readPrefix(text);
  if (reading.kind === "bad") throw new Error(reading.sentence);
  return reading.value;
}

describe("isWithin()", () => {
  it.each([
    ["192.0.2.1", "192.0.2.0/24", true],
    ["192.0.3.1", "192.0.2.0/24", false],
    ["192.0.3.1", "192.0.2.0/23", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.2", "192.0.2.1", false],
    ["192.0.2.1", "0.0.0.0/0", true],
    ["2001:db8::1", "0.0.0.0/0", false],
    ["2001:db8:8000::1", "2001:db8:8000::/33", true],
    ["2001:db8:7fff::1", "2001:db8:8000::/33", false],
    ["::1", "::/0", true],
  ])("%s in %s: %s", (address, prefix, expected) => {
    expect(isWithin(octets(address), prefixOf(prefix))).toBe(expected);
  });
});

describe("isAdmitted()", () => {
  const ns2 = nameFromText("ns2", ROOT);
  const rules: AccessRule[] = [
    { from: prefixOf("192.0.2.0/24") },
    { key: ns2 },
    { key: nameFromText("acme", ROOT), from: prefixOf("127.0.0.0/8") },
  ];

  it.each([
    ["192.0.2.7", undefined, true],
    ["198.51.100.7", undefined, false],
    ["198.51.100.7", "NS2", true],
    ["198.51.100.7", "acme", false],
    ["127.0.0.1", "acme", true],
    ["127.0.0.1", undefined, false],
  ])("%s with key %s: %s", (address, key, expected) => {
    const named = key === undefined ? {} : { key: nameFromText(key, ROOT) };
    expect(isAdmitted(rules, { address: octets(address), ...named })).toBe(expected);
  });

  it("lets in nobody where no rule is written", () => {
    expect(isAdmitted([], { address: octets("127.0.0.1"), key: ns2 })).toBe(false);
  });
});
