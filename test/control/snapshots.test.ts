import { describe, expect, it } from "vitest";
import { isStampTrue } from "../../src/control/snapshots.ts";
import { nameFromText, nameKey } from "../../src/dns/name.ts";

const ORG = nameFromText("example.org.");
const NET = nameFromText("Example.NET.");
const stamp = {
  zones: [
    { zone: nameKey(ORG), serial: 7 },
    { zone: nameKey(NET), serial: 9 },
  ],
  bindings: [],
};
const stored = [
  { origin: ORG, serial: 7 },
  { origin: nameFromText("example.net."), serial: 9 },
  { origin: nameFromText("gone.test."), serial: 1 },
];

describe("isStampTrue()", () => {
  it("holds for the configured zones as they are stored, in any order and case", () => {
    expect(isStampTrue(stamp, stored, [NET, ORG])).toBe(true);
  });

  it.each([
    ["a zone that was published since", stored.with(0, { origin: ORG, serial: 8 }), [ORG, NET]],
    ["a zone that the store does not hold", stored.slice(1), [ORG, NET]],
    ["a zone that is no longer configured", stored, [ORG]],
    ["a zone that is newly configured", stored, [ORG, NET, nameFromText("gone.test.")]],
    ["another zone instead", stored, [ORG, nameFromText("gone.test.")]],
  ])("fails for %s", (_, zones, configured) => {
    expect(isStampTrue(stamp, zones, configured)).toBe(false);
  });
});
