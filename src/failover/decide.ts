// Which members a pool serves now, and why. Same input, same decision: no clock, no randomness,
// no memory but what is served.

import type { Family } from "../base/ip.ts";
import type { Candidate, Choice, Decision, DecisionInput, MemberView } from "./decision.ts";
import type { Member, Pool } from "./pool.ts";
import { choosePriority } from "./priority.ts";

export type { Candidate, Decision, DecisionCode, DecisionInput, MemberView } from "./decision.ts";

/** Decides what a pool answers in one family. Total: every input has exactly one decision. */
export function decide(input: DecisionInput): Decision {
  const choice = choosePriority(input);
  return { ...choice, candidates: input.members.map((member) => candidate(member, choice)) };
}

/** The members of a pool that have an address of `family`, in the pool's order. */
export function membersOf(pool: Pool, family: Family): readonly Member[] {
  return pool.members.filter((member) => (family === 4 ? member.v4 : member.v6) !== undefined);
}

/** Whether two decisions answer the same members in the same order: no swap lies between them. */
export function sameAnswer(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((id, i) => id === b[i]);
}

function candidate(member: MemberView, choice: Choice): Candidate {
  const isServed = choice.serve.includes(member.id);
  const state = member.isNew ? `${member.belief}, new to the pool` : member.belief;
  const standby = member.belief === "up" && !member.isNew && !isServed ? ", standing by" : "";
  return { id: member.id, isServed, reason: `${state}${standby} (${member.reason})` };
}
