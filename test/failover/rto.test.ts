// The worst case as a sum, and the sum against the simulated world.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSum, type RtoInput, worstCases } from "../../src/failover/rto.ts";
import { DEFAULT_HEALTH } from "../../src/health/settings.ts";
import { type Behaviour, readMs, readSettings, runWorld } from "../health/world.ts";
import { testTextCases } from "../scenarios/text-cases.ts";

// The same examples on every run; a failure found with another seed becomes a case of its own.
fc.configureGlobal({ seed: 20 });

describe("worstCases()", () => {
  testTextCases("failover-rto.txt", (input) =>
    worstCases(readInput(input)).map((sum) => `${sum.fault}: ${formatSum(sum)}`),
  );

  it("is not exceeded by any fault at any moment in the simulated world", () => {
    const faults: readonly (readonly [string, Behaviour])[] = [
      ["killed", { kind: "refuses", afterMs: 0, pattern: "" }],
      ["wrong-answer", { kind: "wrong", afterMs: 20, pattern: "" }],
      ["silent", { kind: "silent", afterMs: 0, pattern: "" }],
    ];
    const numbers = fc.record({
      faultMs: fc.integer({ min: 20_000, max: 40_000 }),
      seed: fc.integer({ min: 0, max: 1000 }),
      fall: fc.integer({ min: 1, max: 6 }),
      fault: fc.constantFrom(...faults),
    });
    fc.assert(
      fc.property(numbers, ({ faultMs, seed, fall, fault: [name, behaviour] }) => {
        const health = { ...DEFAULT_HEALTH, fall };
        const sums = worstCases({ health, ttl: { minSeconds: 5, maxSeconds: 60 } });
        const worst = sums.find((sum) => sum.fault === name);
        const downMs = firstDown({ health, faultMs, seed, behaviour });
        // Results of the simulation come a few milliseconds after a probe's start.
        expect(downMs - faultMs).toBeLessThanOrEqual((worst?.detectMs ?? 0) + 20);
      }),
    );
  });
});

function firstDown(what: {
  health: typeof DEFAULT_HEALTH;
  faultMs: number;
  seed: number;
  behaviour: Behaviour;
}): number {
  const { health, faultMs, seed, behaviour } = what;
  let downMs = Number.POSITIVE_INFINITY;
  const world = {
    settings: health,
    phase: (seed % 10) / 10,
    jitter: (n: number) => Math.sin(seed + n),
    ...{ hasTripwire: false, mustEarnRise: false, untilMs: faultMs + 20_000 },
    events: [{ atMs: faultMs, kind: "behave", behaviour } as const],
  };
  runWorld(world, ({ atMs, result }) => {
    if (result.change?.to === "down") downMs = Math.min(downMs, atMs);
  });
  return downMs;
}

function readInput(lines: readonly string[]): RtoInput {
  let input: RtoInput = { health: DEFAULT_HEALTH, ttl: { minSeconds: 5, maxSeconds: 60 } };
  for (const line of lines) {
    const [first, ...rest] = line.split(/\s+/);
    const [value = ""] = rest;
    if (first === "settings") input = { ...input, health: readSettings(rest) };
    else if (first === "usual") input = { ...input, usualMs: readMs(value) };
    else if (first === "anchors") input = { ...input, hasAnchors: true };
    else if (first === "hooks") input = { ...input, hooksMs: readMs(value) };
    else if (first === "ttl") {
      const [minSeconds = 5, maxSeconds = 60] = value.split("-").map(Number);
      input = { ...input, ttl: { minSeconds, maxSeconds } };
    } else throw new Error(`Cannot read "${line}"`);
  }
  return input;
}
