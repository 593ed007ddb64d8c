import { describe, expect, it } from "vitest";
import { unknownSystem } from "../../src/base/known-system.ts";

describe("unknownSystem()", () => {
  it.each([
    ["linux", "x64", undefined],
    ["linux", "arm64", undefined],
    // Big-endian, and 32 bits.
    ["linux", "s390x", "linux on s390x"],
    ["linux", "arm", "linux on arm"],
    ["win32", "x64", "win32 on x64"],
  ])("%s on %s: %s", (platform, arch, unknown) => {
    expect(unknownSystem({ platform, arch })).toBe(unknown);
  });
});
