import { describe, expect, it } from "vitest";
import { canonicalIp, familyOf, ipToBytes } from "../../src/base/ip.ts";

describe("canonicalIp()", () => {
  it.each([
    // RFC 5952 section 4: no leading zeros, lower case, the longest run of zeros shortened once.
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["192.0.2.255", "192.0.2.255"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8:9",
    "12345::",
    "g::",
    ":::",
    "1.2.3.4::",
    "::1.2.3",
    " 1.2.3.4",
    "fe80::1%eth0",
  ])("refuses %j", (text) => {
    expect(ipToBytes(text)).toBeUndefined();
    expect(familyOf(text)).toBeUndefined();
  });

  it("knows the family", () => {
    expect([familyOf("192.0.2.1"), familyOf("2001:db8::1")]).toEqual([4, 6]);
  });
});
