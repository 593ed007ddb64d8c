import { describe, expect, it } from "vitest";
import { ImageKeeping, isStampTrue, type KeptSnapshot } from "../../src/control/snapshots.ts";
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

describe("ImageKeeping", () => {
  /** Something that shows, a clock, and what was kept: the counts at which copies were taken. */
  function keeping() {
    const world = { nowMs: 0, changes: 0, isTrue: true, kept: [] as number[] };
    const clock = { nowMs: () => world.nowMs, wallMs: () => 0 };
    const snapshot = {
      set: { id: 1, base: new SharedArrayBuffer(0), overlay: new SharedArrayBuffer(0) },
      edits: new Uint8Array(0),
      slots: new Uint8Array(0),
      stamp,
    };
    const images = new ImageKeeping(clock, () => world.kept.push(world.changes));
    const shown = {
      get changes() {
        return world.changes;
      },
      snapshot: (): KeptSnapshot | undefined => (world.isTrue ? snapshot : undefined),
    };
    const pass = (ms: number): void => {
      for (const end = world.nowMs + ms; world.nowMs < end; ) {
        world.nowMs += 250;
        images.look(shown);
      }
    };
    return { world, pass, stop: () => images.keepNow(shown) };
  }

  it("takes a copy a second after the last change, and one only", () => {
    const { world, pass } = keeping();
    world.changes = 1;
    for (let i = 0; i < 8; i++) {
      pass(750);
      world.changes++;
    }
    expect(world.kept).toEqual([]);
    pass(10_000);
    expect(world.kept).toEqual([9]);
    pass(10_000);
    expect(world.kept).toEqual([9]);
  });

  it("waits while what is shown is not all there is", () => {
    const { world, pass } = keeping();
    world.changes = 1;
    world.isTrue = false;
    pass(10_000);
    expect(world.kept).toEqual([]);
    world.isTrue = true;
    pass(250);
    expect(world.kept).toEqual([1]);
  });

  it("takes the last copy at once, unless it was taken", () => {
    const { world, pass, stop } = keeping();
    world.changes = 1;
    stop();
    stop();
    pass(10_000);
    expect(world.kept).toEqual([1]);
  });
});
