// A flapping member against the whole chain of pure rooms: health, damping, decision.

import { describe, expect, it } from "vitest";
import { type DecisionInput, decide, sameAnswer } from "../../src/failover/decide.ts";
import type { MemberView } from "../../src/failover/decision.ts";
import {
  type Damping,
  DEFAULT_DAMPING,
  reusableAtMs,
  UNDAMPED,
  withFall,
} from "../../src/health/damping.ts";
import type { BeliefChange } from "../../src/health/step.ts";
import { readSettings, runWorld, type WorldEvent } from "../health/world.ts";
import { POOL } from "./pools.ts";

const HOUR_MS = 3_600_000;
const WELL = { kind: "answers", afterMs: 3, pattern: "" } as const;

interface TimedChange {
  readonly atMs: number;
  readonly change: BeliefChange;
}

/** What is believed of a target that is down half of each period, for an hour. */
function beliefs(periodMs: number): readonly TimedChange[] {
  const events: WorldEvent[] = [];
  for (let atMs = periodMs / 2; atMs < HOUR_MS; atMs += periodMs / 2) {
    const kind = (atMs / (periodMs / 2)) % 2 === 1 ? "refuses" : "answers";
    events.push({ atMs, kind: "behave", behaviour: { kind, afterMs: 3, pattern: "" } });
  }
  events.push({ atMs: HOUR_MS, kind: "behave", behaviour: WELL });
  const changes: TimedChange[] = [];
  const world = {
    settings: readSettings([]),
    jitter: (n: number) => Math.sin(n),
    ...{ phase: 0, hasTripwire: true, mustEarnRise: false, untilMs: 2 * HOUR_MS, events },
  };
  runWorld(world, ({ atMs, result }) => {
    if (result.change !== undefined) changes.push({ atMs, change: result.change });
  });
  return changes;
}

/** Swaps that a pool makes while its first member behaves so and the others are well. */
function swaps(periodMs: number, policy: "priority" | "all"): number[] {
  const well: MemberView = { id: "b", belief: "up", sinceMs: 0, isNew: false, reason: "well" };
  let flapping: MemberView = { ...well, id: "a" };
  let damping: Damping = UNDAMPED;
  let serving: readonly string[] = policy === "all" ? ["a", "b", "c"] : ["a"];
  const made: number[] = [];
  const decideAt = (nowMs: number): number => {
    const reusableMs = reusableAtMs(damping, DEFAULT_DAMPING);
    const first = reusableMs === undefined ? flapping : { ...flapping, reusableAtMs: reusableMs };
    const members = [first, well, { ...well, id: "c" }];
    const input: DecisionInput = {
      ...{ pool: { ...POOL, policy }, family: 4, members, serving, nowMs },
    };
    const decision = decide(input);
    if (!sameAnswer(serving, decision.serve)) made.push(nowMs);
    serving = decision.serve;
    return decision.wakeAtMs ?? Number.POSITIVE_INFINITY;
  };
  let wakeMs = Number.POSITIVE_INFINITY;
  for (const { atMs, change } of [...beliefs(periodMs), last()]) {
    while (wakeMs <= atMs) wakeMs = decideAt(wakeMs);
    if (change.to === "down") damping = withFall(damping, DEFAULT_DAMPING, atMs);
    flapping = { ...flapping, belief: change.to, sinceMs: atMs, reason: change.reason };
    wakeMs = decideAt(atMs);
  }
  return made;
}

/** A last change, so that everything waited for before it happens. */
function last(): TimedChange {
  const change: BeliefChange = {
    ...{ from: "up", to: "up", code: "ok", reason: "end", isHard: false, failures: 0 },
    firstFaultMs: undefined,
  };
  return { atMs: 2 * HOUR_MS, change };
}

describe("a member that flaps for an hour", () => {
  for (const policy of ["priority", "all"] as const) {
    for (const periodS of [20, 40, 60, 120]) {
      it(`makes at most 4 swaps with a period of ${periodS} s, policy ${policy}`, () => {
        expect(swaps(periodS * 1000, policy).length).toBeLessThanOrEqual(4);
      });
    }

    // Periods above 351 s are too slow for the penalty to reach its limit: two swaps each, ten times.
    it(`makes at most 20 swaps with any period, policy ${policy}`, () => {
      for (let periodS = 20; periodS <= 1200; periodS += 35) {
        expect(swaps(periodS * 1000, policy).length).toBeLessThanOrEqual(20);
      }
    });
  }

  it("does come back when it has been well for long enough", () => {
    expect(swaps(20_000, "priority").length % 2).toBe(0);
  });
});
