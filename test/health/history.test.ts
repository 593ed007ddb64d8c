import { describe, expect, it } from "vitest";
import {
  EMPTY_HISTORY,
  HISTORY_MAX,
  type History,
  observationsOf,
  withObservation,
} from "../../src/health/history.ts";
import type { Observation } from "../../src/health/observation.ts";

/** The `n`-th observation: every one differs from its neighbours in all that can differ. */
function nth(n: number): Observation {
  const times = { startedMs: n * 1000 + 0.25, endedMs: n * 1000 + 0.5 + (n % 7) };
  switch (n % 4) {
    case 0:
      return { ...times, code: "ok", isHard: false, phases: { connectMs: n / 3 }, detail: "" };
    case 1:
      return { ...times, code: "connect-refused", isHard: true, phases: {}, detail: `port ${n}` };
    case 2:
      return {
        ...times,
        code: "ok",
        isHard: false,
        phases: { connectMs: 0, tlsMs: 2.5, firstByteMs: n },
        detail: "",
        warning: `ends in ${n} days`,
      };
    default:
      return { ...times, code: "http-status", isHard: false, phases: { tlsMs: 0 }, detail: "503" };
  }
}

function historyOf(first: number, count: number, from: History = EMPTY_HISTORY): History {
  let history = from;
  for (let n = first; n < first + count; n++) history = withObservation(history, nth(n));
  return history;
}

/** The newest of `count` observations from `first` on, as plain values. */
function newest(first: number, count: number): Observation[] {
  const kept = Math.min(count, HISTORY_MAX);
  return Array.from({ length: kept }, (_, i) => nth(first + count - kept + i));
}

describe("History", () => {
  it("begins empty", () => {
    expect(observationsOf(EMPTY_HISTORY)).toEqual([]);
  });

  it.each([1, 4, 20, 21, 22, 41, 42, 43, 63, 64, 1000])(
    "gives back the newest of %i observations as they came, oldest first",
    (count) => {
      expect(observationsOf(historyOf(0, count))).toStrictEqual(newest(0, count));
    },
  );

  it.each([0, 1, 20, 21, 41, 42, 43])(
    "leaves one of %i observations as it was, also where two follow on it",
    (count) => {
      const before = historyOf(0, count);
      const one = historyOf(100, 30, before);
      const other = historyOf(200, 3, before);
      expect(observationsOf(before)).toStrictEqual(newest(0, count));
      expect(observationsOf(one)).toStrictEqual(newest(100, 30));
      const kept = newest(0, count).slice(-(HISTORY_MAX - 3));
      expect(observationsOf(other)).toStrictEqual([...kept, ...newest(200, 3)]);
    },
  );

  it("keeps no more than twice what it may, however much goes through it", () => {
    let history = EMPTY_HISTORY;
    for (let n = 0; n < 1000; n++) {
      history = withObservation(history, nth(n));
      expect(history.log?.findings.length).toBeLessThanOrEqual(2 * HISTORY_MAX);
      expect(history.log?.numbers.length).toBe(2 * HISTORY_MAX * 5);
    }
  });
});
