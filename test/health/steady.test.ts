// The short way of a step beside the long one: for every history there can be they come to the same.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observationsOf } from "../../src/health/history.ts";
import { DEFAULT_HEALTH, type HealthSettings } from "../../src/health/settings.ts";
import { steadyStep } from "../../src/health/steady.ts";
import { fullStep, type HealthStep } from "../../src/health/step.ts";
import { newTarget, type TargetHealth } from "../../src/health/target.ts";
import { runWorld, type World, type WorldEvent } from "./world.ts";

fc.configureGlobal({ seed: 20 });

/** As it is compared: what a history holds, however it is kept. */
function plain({ state, ...rest }: HealthStep): unknown {
  return { ...rest, state: { ...state, history: observationsOf(state.history) } };
}

/** Runs a world, holds each step of the short way against the long one, and counts them. */
function compare(world: World): { readonly short: number; readonly all: number } {
  const counts = { short: 0, all: 0 };
  const { settings, mustEarnRise } = world;
  let before: TargetHealth = newTarget(0, world.stored, { mustEarnRise });
  runWorld(world, ({ atMs, input, result }) => {
    const short = steadyStep(before, input, settings, atMs);
    if (short !== undefined) {
      counts.short++;
      expect(plain(short)).toStrictEqual(plain(fullStep(before, input, settings, atMs)));
    }
    counts.all++;
    before = result.state;
  });
  return counts;
}

function worldOf(events: readonly WorldEvent[], settings: Partial<HealthSettings> = {}): World {
  return {
    settings: { ...DEFAULT_HEALTH, ...settings },
    ...{ phase: 0.3, hasTripwire: true, mustEarnRise: false, untilMs: 150_000 },
    jitter: (n) => Math.sin(n),
    events,
  };
}

const atMs = fc.integer({ min: 0, max: 140_000 });
const kinds = ["answers", "refuses", "silent", "wrong", "faulty", "pattern"] as const;
const behaves: fc.Arbitrary<WorldEvent> = fc.record({
  atMs,
  kind: fc.constant("behave" as const),
  behaviour: fc.record({
    kind: fc.constantFrom(...kinds),
    afterMs: fc.integer({ min: 1, max: 4000 }),
    pattern: fc.constantFrom("+-", "+++!", "++++++++x", "+"),
  }),
});
const answers: fc.Arbitrary<WorldEvent> = fc.record({
  atMs,
  kind: fc.constant("behave" as const),
  behaviour: fc.record({
    kind: fc.constant("answers" as const),
    afterMs: fc.integer({ min: 1, max: 900 }),
    pattern: fc.constant(""),
  }),
});
const trips: fc.Arbitrary<WorldEvent> = fc.record({ atMs, kind: fc.constant("trip" as const) });
const holds: fc.Arbitrary<WorldEvent> = fc.record({
  atMs,
  kind: fc.constant("hold" as const),
  forMs: fc.integer({ min: 0, max: 10_000 }),
});
const settings: fc.Arbitrary<Partial<HealthSettings>> = fc.record(
  {
    fall: fc.integer({ min: 1, max: 5 }),
    intervalMs: fc.constantFrom(500, 2000, 5000),
    timeoutMs: fc.constantFrom(300, 500),
    jitterFraction: fc.constantFrom(0, 0.05, 0.5),
    cleanRun: fc.constantFrom(1, 3, 10),
    staleAfterMs: fc.constantFrom(2500, 17_000),
    restartGraceMs: fc.constantFrom(0, 2000),
    errorRate: fc.constant({ fraction: 0.5, windowMs: 10_000, samplesMin: 4 }),
  },
  { requiredKeys: [] },
);

describe("steadyStep()", () => {
  it("comes to what the long way comes to, whatever happens", () => {
    const events = fc.array(fc.oneof(behaves, answers, trips, holds), { maxLength: 12 });
    fc.assert(
      fc.property(events, settings, (happening, chosen) => {
        compare(worldOf(happening, chosen));
      }),
      { numRuns: 300 },
    );
  });

  it("is the way of nearly all steps of a target that answers", () => {
    const { short, all } = compare(worldOf([]));
    expect(all).toBeGreaterThan(50);
    expect(short).toBeGreaterThan(all - 6);
  });

  it("is not gone by a calendar, nor where an error rate is kept", () => {
    const errorRate = { fraction: 0.5, windowMs: 10_000, samplesMin: 4 };
    expect(compare(worldOf([], { errorRate })).short).toBe(0);
    expect(compare(worldOf([], { turnMs: 1e9 })).short).toBe(0);
  });
});
