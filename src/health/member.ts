// A member's belief from the beliefs of its targets: one check or several, one answer.

import type { Belief, TargetHealth } from "./target.ts";

/** What is believed of a member, and the sentence of the target that decides it. */
export interface MemberHealth {
  readonly belief: Belief;
  /** Monotonic milliseconds at which the member became so. */
  readonly sinceMs: number;
  readonly reason: string;
  readonly code: string;
}

/** A target by its id, as combined into a member. */
export interface MemberTarget {
  readonly id: string;
  readonly health: TargetHealth;
}

/**
 * Combines targets into a member: it is up when all of them are.
 *
 *   targets            member    since
 *   none               up        always: it is not probed
 *   any down           down      the first that went down
 *   else any unknown   unknown   the last that became so
 *   all up             up        the last that came up
 */
export function memberHealth(targets: readonly MemberTarget[]): MemberHealth {
  const down = targets.filter((target) => target.health.belief === "down");
  if (down.length > 0) return from(earliest(down), targets.length);
  const unknown = targets.filter((target) => target.health.belief === "unknown");
  if (unknown.length > 0) return from(latest(unknown), targets.length);
  return from(latest(targets), targets.length);
}

function from(target: MemberTarget | undefined, count: number): MemberHealth {
  if (target === undefined) {
    const sinceMs = Number.NEGATIVE_INFINITY;
    return { belief: "up", sinceMs, reason: "not probed", code: "none" };
  }
  const { belief, sinceMs, reason, code } = target.health;
  return { belief, sinceMs, reason: count > 1 ? `${target.id}: ${reason}` : reason, code };
}

function earliest(targets: readonly MemberTarget[]): MemberTarget | undefined {
  return targets.toSorted((a, b) => a.health.sinceMs - b.health.sinceMs)[0];
}

function latest(targets: readonly MemberTarget[]): MemberTarget | undefined {
  return targets.toSorted((a, b) => b.health.sinceMs - a.health.sinceMs)[0];
}
