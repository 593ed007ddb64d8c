// When the regular probes of a check are made: an interval apart, or by the calendar.

import { type Calendar, gapsOf } from "../base/calendar.ts";
import { formatDuration } from "../base/duration.ts";
import type { HealthSettings } from "../health/settings.ts";
import { calendarOf } from "./cron.ts";
import type { RawHealth } from "./kinds/common.ts";
import type { YamlPath, YamlReader } from "./yaml.ts";

/** A monthly look says nothing of health, and staleness waits for three of them. */
const GAP_MAX_MS = 8 * 86_400_000;

/** The settings that say when probes are made. */
type Rhythm = Pick<HealthSettings, "intervalMs" | "timeoutMs" | "jitterFraction" | "schedule">;

/**
 * Reads `interval` or `schedule`, `jitter` and `timeout`; `undefined` after a complaint. With a
 * schedule the interval is its longest gap: proofs, staleness and TTLs reckon with that one.
 *
 * @param at the check.
 */
export function readRhythm(
  reader: YamlReader,
  at: YamlPath,
  raw: RawHealth,
  base: HealthSettings,
): Rhythm | undefined {
  if (raw.schedule === undefined) {
    const intervalMs = raw.interval ?? base.intervalMs;
    const timeoutMs = readTimeout({ reader, at }, raw, base, {
      mostMs: intervalMs,
      what: "the interval",
    });
    if (timeoutMs === undefined) return undefined;
    return { intervalMs, timeoutMs, jitterFraction: raw.jitter ?? base.jitterFraction };
  }
  for (const key of ["interval", "jitter"] as const) {
    if (raw[key] === undefined) continue;
    reader.complain([...at, "schedule"], `"${key}" stands there too; remove one of the two`);
    return undefined;
  }
  const schedule: Calendar = calendarOf(raw.schedule);
  const gaps = gapsOf(schedule);
  if (gaps === undefined || gaps.longestMs > GAP_MAX_MS) {
    const gap = gaps && formatDuration(gaps.longestMs);
    const state = gap === undefined ? "names no moment" : `leaves ${gap} between two probes`;
    const mend = 'write one of at most 8 days, such as "*/15 * * * *" or "0 4 * * 1"';
    reader.complain([...at, "schedule"], `"${raw.schedule}" ${state}; ${mend}`);
    return undefined;
  }
  const timeoutMs = readTimeout({ reader, at }, raw, base, {
    mostMs: gaps.shortestMs,
    what: "the least time between two probes",
  });
  if (timeoutMs === undefined) return undefined;
  return { intervalMs: gaps.longestMs, timeoutMs, jitterFraction: 0, schedule };
}

/** A shorter rhythm without a timeout of its own gets the longest that fits into it. */
function readTimeout(
  { reader, at }: { readonly reader: YamlReader; readonly at: YamlPath },
  raw: RawHealth,
  base: HealthSettings,
  { mostMs, what }: { readonly mostMs: number; readonly what: string },
): number | undefined {
  const timeoutMs = raw.timeout ?? Math.min(base.timeoutMs, mostMs);
  if (timeoutMs <= mostMs) return timeoutMs;
  const [timeout, most] = [formatDuration(timeoutMs), formatDuration(mostMs)];
  const state = `"${timeout}" is longer than ${what}, ${most}`;
  reader.complain([...at, "timeout"], `${state}; make it ${most} or less`);
  return undefined;
}
