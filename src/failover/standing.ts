// How good a member is for being answered: one word from belief, forced state and damping.

import { describeForced, inForce } from "../health/forced.ts";
import type { DecisionInput, MemberView } from "./decision.ts";

/**
 * A member's standing, the best first. A policy serves the best standing there is; only the first
 * may take an answer away from a member that is served.
 *
 *   usable     up, and nothing against it; or forced up
 *   damped     up, but flapping: not before it is reusable, unless it is the last healthy one
 *   new        up, but added to a running pool, and `rise` not earned
 *   draining   up, but an operator takes it out of service gently
 *   unknown    no fresh belief
 *   down       believed down
 *   gated      not served now, and its gate is closed: never served
 *   barred     an operator forced it down, or drains it while it is not up
 */
export type Standing =
  | "usable"
  | "damped"
  | "new"
  | "draining"
  | "unknown"
  | "down"
  | "gated"
  | "barred";

/** The standing of a member at a moment. */
export function standingOf(member: MemberView, nowMs: number): Standing {
  const forced = inForce(member.forced, nowMs);
  if (forced === "up") return "usable";
  if (forced === "down") return "barred";
  if (member.isGated === true) return "gated";
  if (forced === "drain") return member.belief === "up" ? "draining" : "barred";
  if (member.belief !== "up") return member.belief;
  if (member.isNew) return "new";
  return isDamped(member, nowMs) ? "damped" : "usable";
}

/** Whether a member that is served may go on being served while others are usable. */
export function mayStay(member: MemberView, nowMs: number): boolean {
  const standing = standingOf(member, nowMs);
  return standing === "usable" || standing === "damped";
}

/**
 * Since when a member could be answered: its recovery, or the end of what an operator forced. One
 * that is forced up has no hold to wait for: somebody who knows better has spoken.
 */
export function goodSinceMs(
  { sinceMs, forced }: Pick<MemberView, "sinceMs" | "forced">,
  nowMs: number,
): number {
  if (forced === undefined) return sinceMs;
  if (inForce(forced, nowMs) === "up") return Number.NEGATIVE_INFINITY;
  const { state, untilMs } = forced;
  const hasEnded = untilMs !== undefined && untilMs <= nowMs && state !== "up";
  return hasEnded ? Math.max(sinceMs, untilMs) : sinceMs;
}

/** When a standing changes by itself: a forced state or a damping ends. */
export function standingEndMs({ members, nowMs }: DecisionInput): number | undefined {
  const ends = members
    .flatMap((member) => [member.forced?.untilMs, member.reusableAtMs])
    .filter((endMs) => endMs !== undefined)
    .filter((endMs) => endMs > nowMs);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** "192.0.2.10 is down (3 failures in a row, connect-refused)". */
export function describe(member: MemberView, nowMs: number): string {
  return `${member.id} is ${standingWords(member, nowMs)}`;
}

/** The same without its subject. */
export function standingWords(member: MemberView, nowMs: number): string {
  const { forced, reason } = member;
  if (forced !== undefined && inForce(forced, nowMs) !== undefined) {
    const probes = member.belief === "up" ? "" : `, and its probes say ${member.belief}`;
    return `${describeForced(forced)}${probes}`;
  }
  switch (standingOf(member, nowMs)) {
    case "gated": {
      const gate = `its gate is closed (${member.gate?.reason ?? "it was not asked yet"})`;
      return member.belief === "up" ? `up but ${gate}` : `${member.belief} (${reason}), ${gate}`;
    }
    case "damped":
      return "up but damped for flapping";
    case "new":
      return "up but new";
    default:
      return `${member.belief} (${reason})`;
  }
}

function isDamped(member: MemberView, nowMs: number): boolean {
  return member.reusableAtMs !== undefined && nowMs < member.reusableAtMs;
}
