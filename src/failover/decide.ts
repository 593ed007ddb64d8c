// Which members a pool serves now, and why. Same input, same decision: no clock, no randomness,
// no memory but what is served.

import { unreachable } from "../base/assert.ts";
import { chooseAllActive } from "./all-active.ts";
import type { Candidate, Choice, Decision, DecisionInput, MemberView } from "./decision.ts";
import { type AnswerFamily, placeIn } from "./family.ts";
import { gatedMembers, withAdvice } from "./gate.ts";
import { guarded } from "./guards.ts";
import { handedOver } from "./handover.ts";
import type { Member, Pool } from "./pool.ts";
import { choosePriority } from "./priority.ts";
import { standingEndMs, standingOf, standingWords } from "./standing.ts";
import { chooseSticky } from "./sticky.ts";
import { chooseWeighted } from "./weighted.ts";

export type { Candidate, Decision, DecisionCode, DecisionInput, MemberView } from "./decision.ts";
export { sameAnswer } from "./same.ts";

/**
 * Decides what a pool answers in one family: its gate says who
 * may be chosen, its policy chooses, its guards may hold that back, its hooks make it wait.
 * Total: every input has exactly one decision.
 */
export function decide(input: DecisionInput): Decision {
  const members = gatedMembers(input);
  return decided({ ...input, members });
}

function decided(input: DecisionInput): Decision {
  const raw = withAdvice(input, chosen(input));
  const choice = handedOver(input, raw, guarded(input, raw));
  const wakeAtMs = earliest(choice.wakeAtMs, standingEndMs(input));
  return {
    ...choice,
    candidates: input.members.map((member) => candidate(member, choice, input.nowMs)),
    ...(wakeAtMs !== undefined && { wakeAtMs }),
  };
}

function chosen(input: DecisionInput): Choice {
  if (input.members.length === 0) {
    return { code: "no-members", why: "no member", serve: [], isFailOpen: false };
  }
  const { policy } = input.pool;
  switch (policy) {
    case "priority":
      return choosePriority(input);
    case "all":
      return chooseAllActive(input);
    case "weighted":
      return chooseWeighted(input);
    case "sticky":
      return chooseSticky(input);
    default:
      return unreachable(policy);
  }
}

/** The members of a pool that have something to answer in `family`, in the pool's order. */
export function membersOf(pool: Pool, family: AnswerFamily): readonly Member[] {
  return pool.members.filter((member) => placeIn(member, family) !== undefined);
}

function candidate(member: MemberView, choice: Choice, nowMs: number): Candidate {
  const isServed = choice.serve.includes(member.id);
  const isIdle = !isServed && standingOf(member, nowMs) === "usable";
  const reason = standingWords(member, nowMs);
  return { id: member.id, isServed, reason: isIdle ? `${reason}, standing by` : reason };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
