// The moment between a start and the first probe's result.

import type { MemberView } from "./decision.ts";
import { standingOf } from "./standing.ts";

/** A served member that is unknown is kept this long: its first probe is under way. */
const SETTLE_MS = 3000;

/**
 * Whether a served member that is unknown is kept although others are up. This departs from
 * "unknown members are served only when none is up" for a moment, which each cold start would else
 * use to swap away and back.
 */
export function isSettling(member: MemberView, nowMs: number): boolean {
  return standingOf(member, nowMs) === "unknown" && nowMs < settleEndMs(member);
}

/** When that moment is over. */
export function settleEndMs(member: MemberView): number {
  return member.sinceMs + SETTLE_MS;
}
