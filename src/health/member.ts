// A member's belief from the beliefs of its targets: one check or several, one answer.

import { present, unreachable } from "../base/assert.ts";
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
  /** What it counts for, 1 by default, more than 0. */
  readonly weight?: number;
  /** Without it the member is down, whatever the others say. */
  readonly isRequired?: boolean;
}

/** How many targets must be up; weights count where targets have them. */
export type MemberRule =
  | { readonly kind: "all" }
  | { readonly kind: "any" }
  | { readonly kind: "at-least"; readonly weight: number };

const ALL: MemberRule = { kind: "all" };

/**
 * Combines targets into a member.
 *
 *   targets                                         member    since
 *   none                                            up        always: it is not probed
 *   a required one is down                          down      it went down
 *   those not down weigh less than the rule asks    down      the one that tipped it went down
 *   those up weigh what the rule asks, and every    up        the one that tipped it came up
 *     required one is up
 *   else: it hangs on unknown ones                  unknown   the last of them became so
 *
 * `all` asks for the weight of all, `any` for the least there is, `at-least` for its own. A rule
 * that asks for more than there is asks for all.
 */
export function memberHealth(
  targets: readonly MemberTarget[],
  rule: MemberRule = ALL,
): MemberHealth {
  if (targets.length === 0) {
    const sinceMs = Number.NEGATIVE_INFINITY;
    return { belief: "up", sinceMs, reason: "not probed", code: "none" };
  }
  const [only] = targets;
  // Whatever the rule: it asks for no more than there is. So it is with nearly every member.
  if (only !== undefined && targets.length === 1) return from(only, 1);
  const wanted = wantedWeight(targets, rule);
  const down = bySince(targets, "down");
  const tipped = firstRequired(down) ?? tippedOver(down, totalWeight(targets) - wanted);
  if (tipped !== undefined) return from(tipped, targets.length);
  const up = bySince(targets, "up");
  const unknown = bySince(targets, "unknown");
  const reached = reachedAt(up, wanted);
  const lastRequired = up.findLast((target) => target.isRequired === true);
  if (reached !== undefined && firstRequired(unknown) === undefined) {
    return from(later(reached, lastRequired), targets.length);
  }
  return from(present(unknown.at(-1), "else enough of them are up"), targets.length);
}

/** The weight that must be up, by a rule. */
export function wantedWeight(targets: readonly Weighted[], rule: MemberRule): number {
  const total = totalWeight(targets);
  switch (rule.kind) {
    case "all":
      return total;
    case "any":
      return Math.min(...targets.map(weightOf));
    case "at-least":
      return Math.min(rule.weight, total);
    default:
      return unreachable(rule);
  }
}

/** Something that counts for a weight. */
export type Weighted = Pick<MemberTarget, "weight" | "isRequired">;

/** What all of them count for together. */
export function totalWeight(targets: readonly Weighted[]): number {
  return targets.reduce((sum, target) => sum + weightOf(target), 0);
}

/** What one counts for. */
export function weightOf(target: Weighted): number {
  return target.weight ?? 1;
}

function bySince(targets: readonly MemberTarget[], belief: Belief): readonly MemberTarget[] {
  return targets
    .filter((target) => target.health.belief === belief)
    .sort((a, b) => a.health.sinceMs - b.health.sinceMs);
}

function firstRequired(targets: readonly MemberTarget[]): MemberTarget | undefined {
  return targets.find((target) => target.isRequired === true);
}

/** The target with which those before it come to weigh more than `spare`. */
function tippedOver(down: readonly MemberTarget[], spare: number): MemberTarget | undefined {
  let sum = 0;
  return down.find((target) => {
    sum += weightOf(target);
    return sum > spare;
  });
}

/** The target with which those before it come to weigh `wanted`. */
function reachedAt(up: readonly MemberTarget[], wanted: number): MemberTarget | undefined {
  let sum = 0;
  return up.find((target) => {
    sum += weightOf(target);
    return sum >= wanted;
  });
}

function later(a: MemberTarget, b: MemberTarget | undefined): MemberTarget {
  return b !== undefined && b.health.sinceMs > a.health.sinceMs ? b : a;
}

function from({ id, health }: MemberTarget, count: number): MemberHealth {
  const { belief, sinceMs, reason, code } = health;
  return { belief, sinceMs, reason: count > 1 ? `${id}: ${reason}` : reason, code };
}
