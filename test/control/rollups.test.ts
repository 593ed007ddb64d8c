import { describe, expect, it } from "vitest";
import { Rollups } from "../../src/control/rollups.ts";
import type { Observation } from "../../src/health/observation.ts";

function observation(code: Observation["code"], durationMs: number): Observation {
  return { startedMs: 0, endedMs: durationMs, code, isHard: false, phases: {}, detail: "" };
}

describe("Rollups", () => {
  it("adds up a minute, and hands it out once, when it is over", () => {
    const rollups = new Rollups();
    rollups.add("a", observation("ok", 10), 60_000);
    rollups.add("a", observation("ok", 30), 61_000);
    rollups.add("a", observation("connect-refused", 1), 119_999);
    expect(rollups.take(119_999)).toEqual([]);
    expect(rollups.take(120_000)).toEqual([
      {
        targetId: "a",
        minuteWallMs: 60_000,
        count: 3,
        failures: 1,
        durationMeanMs: 20,
        durationMaxMs: 30,
        lastCode: "connect-refused",
      },
    ]);
    expect(rollups.take(180_000)).toEqual([]);
  });

  it("keeps minutes apart, and forgets no finished one with its target", () => {
    const rollups = new Rollups();
    rollups.add("a", observation("ok", 1), 0);
    rollups.add("a", observation("ok", 1), 60_000);
    rollups.forget("a");
    expect(rollups.take(60_000).map((rollup) => rollup.minuteWallMs)).toEqual([0, 60_000]);
  });

  it("hands out open minutes too when everything is asked for", () => {
    const rollups = new Rollups();
    rollups.add("a", observation("http-status", 1), 5);
    expect(rollups.take(6, true)).toMatchObject([{ failures: 1, durationMeanMs: 0 }]);
  });
});
