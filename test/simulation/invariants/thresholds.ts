// The numbers of a check as the operator wrote them, with the defaults the design names.

import { gapsOf } from "../../../src/base/calendar.ts";
import { parseDurationMs } from "../../../src/base/duration.ts";
import { calendarOf } from "../../../src/config/cron.ts";
import type { Options } from "../setup.ts";

/** What an oracle must know of a check; durations are milliseconds. */
export interface Thresholds {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly graceMs: number;
  readonly staleAfterMs: number;
  /** The error rate, where one is written. */
  readonly rate?: { readonly over: number; readonly withinMs: number; readonly samples: number };
}

/** Reads them from the options of a script. */
export function thresholdsOf(options: Options): Thresholds {
  const intervalMs = longestGapMs(options) ?? msOf(options["interval"], 5000);
  const timeoutMs = msOf(options["timeout"], Math.min(2000, intervalMs));
  const written = options["errorRate"];
  const rate = written === undefined ? undefined : (JSON.parse(written) as Record<string, string>);
  return {
    ...(rate !== undefined && {
      rate: {
        over: Number.parseFloat(rate["over"] ?? "") / 100,
        withinMs: msOf(rate["within"], 0),
        samples: Number(rate["samples"] ?? 10),
      },
    }),
    intervalMs,
    timeoutMs,
    fall: Number(options["fall"] ?? 3),
    rise: Number(options["rise"] ?? 5),
    graceMs: msOf(options["restartGrace"], 0),
    staleAfterMs: 3 * intervalMs + timeoutMs,
  };
}

/** Milliseconds of a duration that may not be written. */
export function msOf(text: string | undefined, defaultMs: number): number {
  return text === undefined ? defaultMs : (parseDurationMs(text) ?? defaultMs);
}

/** With a schedule the longest gap stands for the interval; `test/base/calendar.test.ts` proves it. */
function longestGapMs({ schedule }: Options): number | undefined {
  if (schedule === undefined) return undefined;
  return gapsOf(calendarOf(schedule.replaceAll("_", " ")))?.longestMs;
}
