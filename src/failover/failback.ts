// An operator's failback: who would be brought back, and what that would do.

import { decide } from "./decide.ts";
import type { Decision, DecisionInput } from "./decision.ts";
import { gatedMembers } from "./gate.ts";
import { isUnderWay } from "./handover.ts";
import { describe, standingOf } from "./standing.ts";

/** Who would be brought back and what would be decided then, or why nobody is. */
export type Failback =
  | {
      readonly kind: "may";
      readonly from: string;
      readonly to: string;
      /** Guards and hooks may still make it wait; it says so. */
      readonly decision: Decision;
    }
  | { readonly kind: "refused"; readonly why: string };

/**
 * What bringing a recovered member back would do. No hold is waited for: somebody who has looked
 * says that it is well.
 *
 *   the pool, what is served           failback
 *   mode shadow                        refused: nothing is ever changed
 *   another policy than priority       refused: whoever is well is answered already
 *   a handover is under way            refused until it has ended
 *   nobody, or the first member        refused: there is nobody to bring back
 *   a later member, none before it up  refused, with the states of those
 *   a later member                     the first usable one before it
 */
export function failbackOf(input: DecisionInput): Failback {
  const { pool, nowMs, handover } = input;
  if (pool.mode === "shadow") return refused("the pool is in shadow mode and changes nothing");
  if (pool.policy !== "priority") {
    return refused(`policy "${pool.policy}" answers whoever is well already`);
  }
  if (handover !== undefined && isUnderWay(handover)) {
    return refused(`it hands over from ${handover.from} to ${handover.to} just now`);
  }
  const members = gatedMembers(input);
  const served = members.findIndex(({ id }) => input.serving?.includes(id) === true);
  const from = members[served];
  if (from === undefined) return refused("nobody is answered");
  const before = members.slice(0, served);
  if (before.length === 0) return refused(`it answers ${from.id}, its first member`);
  const to = before.find((member) => standingOf(member, nowMs) === "usable");
  if (to === undefined) {
    const states = before.map((member) => describe(member, nowMs)).join(", ");
    return refused(`${states}; it answers ${from.id}`);
  }
  const decision = decide({ ...input, approved: [to.id] });
  return { kind: "may", from: from.id, to: to.id, decision };
}

function refused(why: string): Failback {
  return { kind: "refused", why };
}
