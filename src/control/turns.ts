// Checks with a schedule: health knows no calendar, so that each step is told when the next turn is.

import { nextMomentMs } from "../base/calendar.ts";
import type { Time } from "../base/clock.ts";
import type { HealthSettings } from "../health/settings.ts";

/** A timer may fire early: a turn that has just begun is not its own next one. */
const EARLY_MS = 1000;

/** The settings with the moment of the next turn in them, where a calendar names it. */
export function withTurn(settings: HealthSettings, time: Time): HealthSettings {
  if (settings.schedule === undefined) return settings;
  const [nowMs, wallMs] = [time.nowMs(), time.wallMs()];
  const momentMs = nextMomentMs(settings.schedule, wallMs + EARLY_MS);
  return momentMs === undefined ? settings : { ...settings, turnMs: nowMs + momentMs - wallMs };
}
