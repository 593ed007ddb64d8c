import { describe, expect, it } from "vitest";
import { beat, HOLD_MS, newClockGuard } from "../../src/control/clock-guard.ts";

describe("beat()", () => {
  it.each([
    // Passed on the monotonic clock, passed on the wall clock, what the beat finds.
    ["a normal beat", 250, 250, undefined],
    ["a slow beat", 1400, 1400, undefined],
    ["a loop that stood still", 4000, 4000, 4000],
    ["a wall clock set forward", 250, 3_600_250, 3_600_000],
    ["a wall clock set back", 250, -3_599_750, 3_600_000],
    ["a small correction of the wall clock", 250, 1250, undefined],
  ])("%s", (_case, passedMs, wallPassedMs, gapMs) => {
    const guard = newClockGuard(10_000, 50_000);
    const outcome = beat(guard, 10_000 + passedMs, 50_000 + wallPassedMs);
    expect(outcome.gapMs).toBe(gapMs);
    expect(outcome.guard.holdUntilMs).toBe(gapMs === undefined ? 0 : 10_000 + passedMs + HOLD_MS);
  });
});
