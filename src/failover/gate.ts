// The promotion gate: who is not served now is served only once its gate checks pass, for example
// because its copy of the data is recent enough.

import { inForce } from "../health/forced.ts";
import type { Choice, DecisionInput, MemberView } from "./decision.ts";

/**
 * Closes the gate of members that must not be served.
 *
 *   member                                  gate
 *   the one that is served                  open: it is what the others are measured by
 *   nobody is served yet, the first         open
 *   forced up by an operator                open: somebody who knows better has spoken
 *   any other, its gate checks pass         open
 *   any other                               closed; with an advisory gate it is only said
 */
export function gatedMembers(input: DecisionInput): readonly MemberView[] {
  const { pool, members, serving } = input;
  if (pool.gate !== "required") return members;
  const exempt = serving?.[0] ?? members[0]?.id;
  return members.map((member) => {
    if (member.id === exempt || isOpen(member, input.nowMs)) return member;
    return { ...member, isGated: true };
  });
}

/** Says of a member that is newly served that its gate is only advisory, and closed. */
export function withAdvice(input: DecisionInput, choice: Choice): Choice {
  const { pool, members, serving, nowMs } = input;
  if (pool.gate !== "advisory") return choice;
  const closed = members.filter(
    (member) =>
      choice.serve.includes(member.id) &&
      serving?.includes(member.id) === false &&
      !isOpen(member, nowMs),
  );
  if (closed.length === 0) return choice;
  const gates = closed.map((member) => `${member.id}'s gate is closed (${member.gate?.reason})`);
  return { ...choice, why: `${choice.why}, although ${gates.join(", ")}` };
}

function isOpen(member: MemberView, nowMs: number): boolean {
  return member.gate?.isOpen !== false || inForce(member.forced, nowMs) === "up";
}
