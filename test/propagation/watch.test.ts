import { describe, expect, it } from "vitest";
import {
  afterChange,
  afterQuestion,
  beginWatch,
  type Outcome,
} from "../../src/propagation/watch.ts";

const SWEEP_MS = 300_000;

/** When it is asked again, in milliseconds after a question `sinceMs` after a change. */
function pause(
  outcome: Outcome,
  at: { readonly sinceMs: number; readonly failures?: number; readonly boundInMs?: number },
): number {
  const nowMs = 1_000_000;
  const watch = { ...afterChange(nowMs - at.sinceMs), failures: at.failures ?? 0 };
  const boundMs = at.boundInMs === undefined ? undefined : nowMs + at.boundInMs;
  return afterQuestion(watch, outcome, { nowMs, sweepMs: SWEEP_MS, boundMs }).nextMs - nowMs;
}

const old = (leftMs: number): Outcome => ({ kind: "other", leftMs });
const failed: Outcome = { kind: "failed" };

describe("afterQuestion()", () => {
  it.each([
    ["the new answer", { kind: "current" } as const, { sinceMs: 200 }, SWEEP_MS],
    ["the old one, for two more seconds", old(2000), { sinceMs: 200 }, 2500],
    ["the old one, for no time", old(0), { sinceMs: 200 }, 1000],
    ["the old one, for minutes", old(290_000), { sinceMs: 200 }, 15_000],
    [
      "the old one, and it is overdue in 5 s",
      old(290_000),
      { sinceMs: 200, boundInMs: 5000 },
      5200,
    ],
    [
      "the old one, overdue for long",
      old(290_000),
      { sinceMs: 3_600_000, boundInMs: -300 },
      60_000,
    ],
    ["the old one, a day after", old(290_000), { sinceMs: 86_400_000 }, SWEEP_MS],
    ["nothing", failed, { sinceMs: 200 }, 1000],
    ["nothing, the fourth time", failed, { sinceMs: 9000, failures: 3 }, 8000],
    ["nothing, for long", failed, { sinceMs: 900_000, failures: 99 }, 60_000],
    ["nothing, a day after", failed, { sinceMs: 86_400_000, failures: 99 }, SWEEP_MS],
  ])("asks again after %s", (_, outcome, at, expected) => {
    expect(pause(outcome, at)).toBe(expected);
  });

  it("keeps to the sweep where nothing has changed and nothing is said", () => {
    const at = { nowMs: 1000, sweepMs: SWEEP_MS, boundMs: undefined };
    expect(afterQuestion(beginWatch(1000), failed, at).nextMs).toBe(301_000);
  });
});
