// How soon a belief could change: what the TTL of an answer follows from.

import { unreachable } from "../base/assert.ts";
import type { HealthSettings } from "./settings.ts";
import type { TargetHealth } from "./target.ts";

/** A target with the thresholds it is judged by. */
export interface JudgedTarget {
  readonly health: TargetHealth;
  readonly settings: HealthSettings;
}

/**
 * The least regular probing time before a target's belief could change, in milliseconds.
 *
 *   up        interval x the failures still wanted, by the nearer of the two DOWN rules
 *   down      interval x the successes still wanted
 *   unknown   0: its next probe decides
 *
 * Confirm probes are quicker than this; the TTL shrinks with each failure all the same.
 */
export function flipMs({ health, settings }: JudgedTarget): number {
  switch (health.belief) {
    case "up": {
      const byFall = settings.fall - health.failures.length;
      const byCount = settings.failuresMax - health.failureCount;
      return settings.intervalMs * Math.max(1, Math.min(byFall, byCount));
    }
    case "down":
      return settings.intervalMs * Math.max(1, settings.rise - health.successRun);
    case "unknown":
      return 0;
    default:
      return unreachable(health.belief);
  }
}

/**
 * The same for a member that is up when all of its targets are: one failing target takes it down,
 * all that are not up must come up to bring it back. Infinite for a member without targets.
 */
export function memberFlipMs(targets: readonly JudgedTarget[]): number {
  const missing = targets.filter((target) => target.health.belief !== "up");
  if (missing.length > 0) return Math.max(...missing.map(flipMs));
  return Math.min(...targets.map(flipMs));
}
