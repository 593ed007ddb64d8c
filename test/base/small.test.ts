import { describe, expect, it } from "vitest";
import { assert, present, unreachable } from "../../src/base/assert.ts";
import { counted } from "../../src/base/count.ts";
import { formatDuration, parseDurationMs } from "../../src/base/duration.ts";
import { codeOf, InvariantError, messageOf } from "../../src/base/errors.ts";
import { below, seededRandom } from "../../src/base/random.ts";
import { emptyRing, entriesOf, pushed } from "../../src/base/ring.ts";

describe("parseDurationMs()", () => {
  it.each([
    ["5s", 5000],
    ["250ms", 250],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    [" 10s ", 10_000],
  ])("reads %j as %d ms", (text, durationMs) => {
    expect(parseDurationMs(text)).toBe(durationMs);
  });

  it.each(["", "5", "s", "5 s", "-5s", "5x", "5s!", "1e3s"])("refuses %j", (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it("reads back what formatDuration() writes", () => {
    for (const durationMs of [0, 1, 999, 1000, 61_001, 90_000, 86_400_000]) {
      expect(parseDurationMs(formatDuration(durationMs))).toBe(durationMs);
    }
  });
});

describe("seededRandom()", () => {
  it("repeats itself for one seed and differs for another", () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return [random.uint32(), random.uint32(), random.uint32()];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("is spread evenly enough that each of ten values comes up", () => {
    const random = seededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = below(random, 10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("Ring", () => {
  it("keeps the newest entries, oldest first", () => {
    let ring = emptyRing<number>(3);
    for (const entry of [1, 2, 3, 4, 5]) ring = pushed(ring, entry);
    expect(entriesOf(ring)).toEqual([3, 4, 5]);
  });

  it("leaves older rings as they were, also where two follow on one", () => {
    const rings = [emptyRing<number>(2)];
    for (const entry of [1, 2, 3, 4, 5]) rings.push(pushed(rings.at(-1) ?? emptyRing(2), entry));
    const others = rings.map((ring) => pushed(ring, 9));
    expect(rings.map((ring) => entriesOf(ring).join(""))).toEqual([
      "",
      "1",
      "12",
      "23",
      "34",
      "45",
    ]);
    expect(others.map((ring) => entriesOf(ring).join(""))).toEqual([
      "9",
      "19",
      "29",
      "39",
      "49",
      "59",
    ]);
  });

  it("keeps no more than twice what it may, however much goes through it", () => {
    let ring = emptyRing<number>(3);
    for (let entry = 0; entry < 1000; entry++) {
      ring = pushed(ring, entry);
      expect(ring.log.length).toBeLessThanOrEqual(6);
    }
  });
});

describe("errors", () => {
  it("name the claim that did not hold", () => {
    expect(() => assert(false, "water is dry")).toThrow(InvariantError);
    expect(() => present(undefined, "a value")).toThrow("a value does not hold");
    expect(() => unreachable("x" as never)).toThrow("no case is left for it");
  });

  it("show their code and sentence whatever was thrown", () => {
    expect(codeOf(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
    expect(codeOf("x")).toBeUndefined();
    expect(messageOf("just text")).toBe("just text");
  });
});

describe("counted()", () => {
  it.each([
    [0, "0 zones"],
    [1, "1 zone"],
    [2, "2 zones"],
  ])("says %i as %s", (count, said) => expect(counted(count, "zone")).toBe(said));
});
