import { describe, expect, it } from "vitest";
import { beat, HOLD_MS, newClockGuard } from "../../src/control/clock-guard.ts";

describe("beat()", () => {
  it.each([
    // Passed on the monotonic clock, passed on the wall clock, own work, what the beat finds.
    ["a normal beat", 250, 250, 0, undefined],
    ["a slow beat", 1400, 1400, 0, undefined],
    ["a loop that stood still", 4000, 4000, 0, 4000],
    ["a moment in which every pool decided", 4000, 4000, 3000, undefined],
    ["a loop that stood still beside that", 4000, 4000, 2000, 4000],
    ["work that took longer than any does", 20_000, 20_000, 20_000, 20_000],
    ["a wall clock set forward", 250, 3_600_250, 0, 3_600_000],
    ["a wall clock set forward during work", 4000, 3_604_000, 4000, 3_600_000],
    ["a wall clock set back", 250, -3_599_750, 0, 3_600_000],
    ["a small correction of the wall clock", 250, 1250, 0, undefined],
  ])("%s", (_case, passedMs, wallPassedMs, ownWorkMs, gapMs) => {
    const guard = newClockGuard(10_000, 50_000);
    const now = { nowMs: 10_000 + passedMs, wallMs: 50_000 + wallPassedMs, ownWorkMs };
    const outcome = beat(guard, now);
    expect(outcome.gapMs).toBe(gapMs);
    expect(outcome.guard.holdUntilMs).toBe(gapMs === undefined ? 0 : 10_000 + passedMs + HOLD_MS);
  });
});
