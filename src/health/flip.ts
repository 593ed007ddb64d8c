// How soon a belief could change: what the TTL of an answer follows from.

import { unreachable } from "../base/assert.ts";
import { type MemberRule, totalWeight, type Weighted, wantedWeight, weightOf } from "./member.ts";
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
 *   down      recover interval x the successes still wanted
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
      return quickMs(settings) * Math.max(1, settings.rise - health.successRun);
    case "unknown":
      return 0;
    default:
      return unreachable(health.belief);
  }
}

function quickMs(settings: HealthSettings): number {
  return Math.min(settings.recoverMs, settings.intervalMs);
}

/**
 * The same for a member: how soon enough of its targets could fall, or rise, for it to change.
 * Infinite for a member without targets.
 */
export function memberFlipMs(
  targets: readonly (JudgedTarget & Weighted)[],
  rule: MemberRule = { kind: "all" },
): number {
  const up = targets.filter((target) => target.health.belief === "up");
  const missing = wantedWeight(targets, rule) - totalWeight(up);
  const others = targets.filter((target) => target.health.belief !== "up");
  const required = others.filter((target) => target.isRequired === true);
  if (targets.length === 0) return Number.POSITIVE_INFINITY;
  if (missing > 0 || required.length > 0) {
    return Math.max(
      momentOf(others, (sum) => sum >= missing),
      ...required.map(flipMs),
    );
  }
  const firstRequired = up.filter((target) => target.isRequired === true).map(flipMs);
  return Math.min(
    momentOf(up, (sum) => sum > -missing),
    ...firstRequired,
  );
}

/** When those that flip first weigh enough together. */
function momentOf(
  targets: readonly (JudgedTarget & Weighted)[],
  isEnough: (weight: number) => boolean,
): number {
  let sum = 0;
  let lastMs = 0;
  for (const target of [...targets].sort((a, b) => flipMs(a) - flipMs(b))) {
    if (isEnough(sum)) break;
    sum += weightOf(target);
    lastMs = flipMs(target);
  }
  return lastMs;
}
