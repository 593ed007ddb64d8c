import { createTask } from "node-cron";
import { afterEach, describe, expect, it, vi } from "vitest";
import { calendarText, gapsOf, nextMomentMs } from "../../src/base/calendar.ts";
import { calendarOf } from "../../src/config/cron.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RUNS = 12;

describe("nextMomentMs()", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const starts = ["2026-11-28T21:59:59.999Z", "2027-12-31T23:59:00.000Z", "2028-02-28T12:00:30Z"];
  const expressions = [
    ...["* * * * *", "*/15 * * * *", "7,3,59 */5 * * *", "5-50/15 8-18 * * 1-5", "0 4 * * 1"],
    ...[
      "0 0 * * 7",
      "30 23 * * 0,6",
      "0 0 29 2 *",
      "0 12 13 * 5",
      "59 23 31 12 *",
      "0-4 0 1 */3 *",
    ],
    ...["10-59/20 * * * *", "0 6-23/6 * * *", "0 0 * * 5-7"],
  ];

  describe.each(starts)("from %s", (start) => {
    it.each(expressions)("names the runs that node-cron makes of %j", (expression) => {
      vi.useFakeTimers({ now: new Date(start), toFake: ["Date"] });
      const task = createTask(expression, () => undefined, { timezone: "UTC" });
      const theirs = task.getNextRuns(RUNS).map((run) => run.toISOString());
      void task.destroy();
      const ours: string[] = [];
      let atMs = Date.parse(start);
      while (ours.length < RUNS) {
        atMs = nextMomentMs(calendarOf(expression), atMs) ?? Number.NaN;
        ours.push(new Date(atMs).toISOString());
      }
      expect(ours).toEqual(theirs);
    });
  });

  it("names none where no day fits", () => {
    expect(nextMomentMs(calendarOf("0 0 30 2 *"), 0)).toBeUndefined();
  });
});

describe("gapsOf()", () => {
  it.each([
    ["* * * * *", MINUTE_MS, MINUTE_MS],
    ["*/15 * * * *", 15 * MINUTE_MS, 15 * MINUTE_MS],
    // From minute 40 to the beginning of the next hour.
    ["*/40 * * * *", 20 * MINUTE_MS, 40 * MINUTE_MS],
    ["0 8-18 * * *", HOUR_MS, 14 * HOUR_MS],
    ["0 8 * * 1-5", DAY_MS, 3 * DAY_MS],
    ["0 4 * * 1", 7 * DAY_MS, 7 * DAY_MS],
    ["0 0 1 * *", 28 * DAY_MS, 31 * DAY_MS],
    ["0 0 29 2 *", 1461 * DAY_MS, 1461 * DAY_MS],
  ])("of %j are %d and %d ms", (expression, shortestMs, longestMs) => {
    expect(gapsOf(calendarOf(expression))).toEqual({ shortestMs, longestMs });
  });

  it("are none where no day fits", () => {
    expect(gapsOf(calendarOf("0 0 30 2 *"))).toBeUndefined();
  });
});

describe("calendarText()", () => {
  it.each([
    ["* * * * *", "* * * * *"],
    ["*/15 * * * *", "*/15 * * * *"],
    ["0,15,30,45 * * * *", "*/15 * * * *"],
    ["0 6,20 * * *", "0 6,20 * * *"],
    ["30 8-18 1 */3 1-5", "30 8-18 1 */3 1-5"],
    ["5-50/15 0 * * 7", "5-50/15 0 * * 0"],
    ["0,30 */12 29 2 6,7", "0,30 0,12 29 2 0,6"],
  ])("writes %s as %s, which names the same moments", (written, expected) => {
    const text = calendarText(calendarOf(written));
    expect(text).toBe(expected);
    expect(calendarOf(text)).toEqual(calendarOf(written));
  });
});
