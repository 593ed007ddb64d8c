// When the next regular probe is due. What follows from it is tested in simulated worlds.

import { describe, expect, it } from "vitest";
import { afterJumpMs } from "../../src/health/breaker.ts";
import { DEFAULT_HEALTH } from "../../src/health/settings.ts";
import { newTarget, type TargetHealth } from "../../src/health/target.ts";

/** One of a hundred targets that were probed each interval, at moments spread over it. */
function paced(n: number, intervalMs: number): TargetHealth {
  const lastStartMs = 40_000 + (n / 100) * intervalMs;
  return {
    ...newTarget(0),
    belief: "up",
    lastStartMs,
    regularMs: lastStartMs + intervalMs,
    jitter: Math.sin(n),
  };
}

/** How many of a hundred probes start in each part of `partMs` after a jump that ended at `nowMs`. */
function startsAfter(nowMs: number, intervalMs: number, partMs: number): number[] {
  const settings = { ...DEFAULT_HEALTH, intervalMs, jitterFraction: 0 };
  const parts: number[] = [];
  for (let n = 0; n < 100; n++) {
    const atMs = afterJumpMs(paced(n, intervalMs), settings, nowMs);
    expect(atMs).toBeGreaterThanOrEqual(nowMs);
    const part = Math.floor((atMs - nowMs) / partMs);
    parts[part] = (parts[part] ?? 0) + 1;
  }
  return parts;
}

describe("afterJumpMs()", () => {
  it("keeps the moments of targets that are probed each second: none are probed in step", () => {
    expect(startsAfter(47_003, 1000, 100)).toEqual(new Array(10).fill(10));
  });

  it("asks within half a second where the next turn is far, and starts no stampede", () => {
    const parts = startsAfter(41_000, 60_000, 100);
    expect(parts.slice(0, 5).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(98);
    expect(Math.max(...parts)).toBeLessThan(50);
  });

  it("asks a target that was never probed within half a second", () => {
    const fresh = { ...newTarget(0), regularMs: 400_000, jitter: -1 };
    expect(afterJumpMs(fresh, DEFAULT_HEALTH, 50_000)).toBe(50_500);
  });
});
