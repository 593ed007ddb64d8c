// Flap damping, forced states and the brake: arithmetic and tables.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BRAKE_MAX_MS,
  type BrakeInput,
  type BrakeTarget,
  brake,
  brakedUntilMs,
} from "../../src/health/brake.ts";
import {
  type Damping,
  DEFAULT_DAMPING,
  isDamped,
  penaltyAt,
  reusableAtMs,
  UNDAMPED,
  withFall,
} from "../../src/health/damping.ts";
import {
  describeForced,
  type ForcedState,
  inForce,
  isForcedAgainstProbes,
} from "../../src/health/forced.ts";

// The same examples on every run; a failure found with another seed becomes a case of its own.
fc.configureGlobal({ seed: 20 });

const SETTINGS = DEFAULT_DAMPING;

function fallsEvery(periodMs: number, count: number): Damping {
  let damping = UNDAMPED;
  for (let i = 0; i < count; i++) damping = withFall(damping, SETTINGS, i * periodMs);
  return damping;
}

describe("withFall()", () => {
  it("suppresses at the fourth fall within three minutes of each other", () => {
    expect(fallsEvery(180_000, 3).isSuppressed).toBe(false);
    expect(fallsEvery(180_000, 4).isSuppressed).toBe(true);
  });

  it("never suppresses a target that falls every six minutes", () => {
    expect(fallsEvery(360_000, 1000).isSuppressed).toBe(false);
  });

  it("suppresses in the end a target that falls every 5 min 50 s", () => {
    expect(fallsEvery(350_000, 1000).isSuppressed).toBe(true);
  });

  it("keeps nobody out for longer than half an hour after the last fall", () => {
    const damping = fallsEvery(1000, 1000);
    const lastMs = 999_000;
    expect(damping.penalty).toBe(8000);
    expect(reusableAtMs(damping, SETTINGS)).toBe(lastMs + 1_800_000);
  });

  it("starts anew when a suppression is over", () => {
    const damping = fallsEvery(1000, 4);
    const freeMs = reusableAtMs(damping, SETTINGS) ?? 0;
    expect(withFall(damping, SETTINGS, freeMs - 1).isSuppressed).toBe(true);
    const next = withFall(damping, SETTINGS, freeMs);
    expect(next.penalty).toBeCloseTo(2000);
    expect(next.isSuppressed).toBe(false);
  });
});

describe("penaltyAt()", () => {
  it("halves every ten minutes", () => {
    const damping = withFall(UNDAMPED, SETTINGS, 0);
    expect(penaltyAt(damping, SETTINGS, 600_000)).toBe(500);
    expect(penaltyAt(damping, SETTINGS, 1_200_000)).toBe(250);
  });

  it("takes 951 s from the suppress limit to the reuse limit", () => {
    const damping = { penalty: 3000, atMs: 0, isSuppressed: true };
    expect(Math.round((reusableAtMs(damping, SETTINGS) ?? 0) / 1000)).toBe(951);
    expect(isDamped(damping, SETTINGS, 950_000)).toBe(true);
    expect(isDamped(damping, SETTINGS, 952_000)).toBe(false);
  });

  it("is never above its cap nor below nothing, whatever falls come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_600_000 })), (gaps) => {
        let damping = UNDAMPED;
        let nowMs = 0;
        for (const gapMs of gaps) {
          nowMs += gapMs;
          damping = withFall(damping, SETTINGS, nowMs);
          expect(damping.penalty).toBeGreaterThanOrEqual(1000);
          expect(damping.penalty).toBeLessThanOrEqual(8000);
          expect(isDamped(damping, SETTINGS, nowMs + 1_800_001)).toBe(false);
        }
      }),
    );
  });
});

describe("inForce()", () => {
  const forced: ForcedState = {
    ...{ state: "up", author: "ann", reason: "kernel update", sinceMs: 1000, untilMs: 5000 },
  };

  it("ends by itself, in the millisecond it was said to", () => {
    expect(inForce(forced, 4999)).toBe("up");
    expect(inForce(forced, 5000)).toBeUndefined();
    expect(inForce({ ...forced, untilMs: undefined }, 1e12)).toBe("up");
    expect(inForce(undefined, 0)).toBeUndefined();
  });

  it("is shouted about where probes say down", () => {
    expect(isForcedAgainstProbes(forced, "down", 2000)).toBe(true);
    expect(isForcedAgainstProbes(forced, "up", 2000)).toBe(false);
    expect(isForcedAgainstProbes(forced, "down", 5000)).toBe(false);
    expect(describeForced(forced)).toBe("forced up by ann: kernel update");
  });
});

describe("brake()", () => {
  const NOW_MS = 1_000_000;
  const well: BrakeTarget = { faultMs: undefined, intervalMs: 5000 };
  const failed = (agoMs: number): BrakeTarget => ({ faultMs: NOW_MS - agoMs, intervalMs: 5000 });
  const input = (
    targets: readonly BrakeTarget[],
    anchors: readonly BrakeTarget[],
    sinceMs?: number,
  ): BrakeInput => ({ targets, anchors, sinceMs, nowMs: NOW_MS });

  it("holds when half of four targets and every anchor fail", () => {
    const targets = [failed(0), failed(10_000), well, well];
    const held = brake(input(targets, [failed(1), failed(2)]));
    expect(held).toMatchObject({ isHolding: true, sinceMs: NOW_MS });
    expect(held.why).toBe("2 of 4 targets and every anchor fail: it may be us");
  });

  it("is off without anchors, or while one answers", () => {
    const targets = [failed(0), failed(0), failed(0), failed(0)];
    expect(brake(input(targets, [])).isHolding).toBe(false);
    expect(brake(input(targets, [failed(0), well])).isHolding).toBe(false);
  });

  it("is off with three targets: too few to tell", () => {
    expect(brake(input([failed(0), failed(0), failed(0)], [failed(0)])).isHolding).toBe(false);
  });

  it("does not count what failed long ago", () => {
    const targets = [failed(0), failed(10_001), well, well];
    expect(brake(input(targets, [failed(0)])).isHolding).toBe(false);
  });

  it("lets verdicts wait for two intervals once no anchor answers", () => {
    const { lostMs } = brake(input([failed(0), well, well, well], [failed(900), failed(300)]));
    expect(lostMs).toBe(NOW_MS - 300);
    const until = (intervalMs: number): number | undefined =>
      brakedUntilMs({ sinceMs: undefined, lostMs }, intervalMs);
    expect(until(5000)).toBe(NOW_MS + 9700);
    expect(until(3_600_000)).toBe(NOW_MS - 300 + BRAKE_MAX_MS);
    expect(brakedUntilMs({ sinceMs: NOW_MS, lostMs }, 5000)).toBe(NOW_MS + BRAKE_MAX_MS);
    const heard = brake(input([failed(0), well, well, well], [failed(900), well]));
    expect(brakedUntilMs(heard, 5000)).toBeUndefined();
  });

  it("goes on while anchors fail, at most 120 s, and is then spent until one answers", () => {
    const targets = [failed(60_000), well, well, well];
    const sinceMs = NOW_MS - BRAKE_MAX_MS + 1;
    expect(brake(input(targets, [failed(0)], sinceMs)).isHolding).toBe(true);
    const spent = brake(input(targets, [failed(0)], sinceMs - 1));
    expect(spent).toMatchObject({ isHolding: false, sinceMs: sinceMs - 1 });
    const again = [failed(0), failed(0), failed(0), failed(0)];
    expect(brake(input(again, [failed(0)], spent.sinceMs)).isHolding).toBe(false);
    expect(brake(input(again, [well], spent.sinceMs)).sinceMs).toBeUndefined();
  });
});
