// What would change a pool's answer next: the same decision, asked about what has not happened yet.

import { decide } from "./decide.ts";
import type { Decision, DecisionCode, DecisionInput, MemberView } from "./decision.ts";
import type { HandoverPlan } from "./handover.ts";
import { sameAnswer } from "./same.ts";

/** Waits followed one after the other before it is taken for granted that nothing comes of them. */
const WAITS_MAX = 8;

/** Something that may happen, and the answer that would follow. */
export interface Prospect {
  /**
   * What happens: nothing but the passing of time, or one member falls or rises. `approved`: an
   * operator says yes to the answer that is waited for.
   */
  readonly cause: "time" | "falls" | "rises" | "approved";
  /** The member that falls or rises. */
  readonly member?: string;
  /** What passes between it and the answer, in milliseconds: 0 is at once. */
  readonly afterMs: number;
  readonly code: DecisionCode;
  readonly why: string;
  readonly serve: readonly string[];
}

/**
 * Every single thing that would change the answer, in the order: time, an operator's yes, falls,
 * rises (members in the pool's order).
 *
 *   a member    is taken to
 *   up          fall, now
 *   any other   rise, now, its whole `rise` earned
 *
 * Holds, spacing, budgets and damping that follow are waited for, as the pool would. What changes
 * nothing is left out.
 */
export function outlook(input: DecisionInput): readonly Prospect[] {
  const now = decide(input);
  const prospects: (Prospect | undefined)[] = [prospect(input, now, "time")];
  if (now.wanted !== undefined && now.code !== "shadow") {
    prospects.push(prospect({ ...input, approved: now.wanted }, now, "approved"));
  }
  for (const cause of ["falls", "rises"] as const) {
    for (const member of input.members) {
      if ((cause === "falls") !== (member.belief === "up")) continue;
      const members = input.members.map((one) => (one === member ? flipped(one, input) : one));
      prospects.push(prospect({ ...input, members }, now, cause, member.id));
    }
  }
  return prospects.filter((found) => found !== undefined);
}

/** Follows the decision through its own waits until it answers otherwise, if it ever does. */
function prospect(
  input: DecisionInput,
  now: Decision,
  cause: Prospect["cause"],
  member?: string,
): Prospect | undefined {
  let atMs = input.nowMs;
  let found = decide(input);
  for (let waits = 0; sameAnswer(now.serve, found.serve); waits++) {
    // Programs run first: what they are for is the answer that comes of it, if they end well.
    if (found.begins !== undefined) return handedOver(input, found.begins, { cause, member, atMs });
    const { wakeAtMs } = found;
    if (wakeAtMs === undefined || waits === WAITS_MAX) return undefined;
    // Moments a float apart from each other would be waited for in vain.
    atMs = Math.max(wakeAtMs, atMs + 1);
    found = decide({ ...input, nowMs: atMs });
  }
  const { code, why, serve } = found;
  return {
    ...{ cause, afterMs: atMs - input.nowMs, code, why, serve },
    ...(member !== undefined && { member }),
  };
}

/** The answer when a handover that would begin has ended well. */
function handedOver(
  { nowMs }: DecisionInput,
  { to, from, why }: HandoverPlan,
  at: {
    readonly cause: Prospect["cause"];
    readonly member: string | undefined;
    readonly atMs: number;
  },
): Prospect {
  const words = `once its hooks have handed over from ${from}: ${why}`;
  return {
    ...{ cause: at.cause, afterMs: at.atMs - nowMs, code: "handing-over", why: words, serve: [to] },
    ...(at.member !== undefined && { member: at.member }),
  };
}

function flipped(member: MemberView, { nowMs }: DecisionInput): MemberView {
  const isUp = member.belief === "up";
  const belief = isUp ? "down" : "up";
  return { ...member, belief, sinceMs: nowMs, isNew: false, reason: "supposed" };
}
