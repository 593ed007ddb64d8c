// The TTL of a pool's answer: as long as the answer cannot change, and no longer.

import { inForce } from "../health/forced.ts";
import type { Decision, MemberView } from "./decision.ts";
import type { Pool } from "./pool.ts";
import { goodSinceMs } from "./standing.ts";

/** However long the old TTL was, an answer is kept short for at most this after a swap. */
const AFTER_SWAP_MAX_SECONDS = 300;

/** A member, and how soon its belief could change (`memberFlipMs`). */
export interface TtlMember
  extends Pick<MemberView, "id" | "belief" | "sinceMs" | "forced" | "reusableAtMs" | "isLeaving"> {
  readonly flipMs: number;
}

/** All that a TTL follows from. */
export interface TtlInput {
  readonly pool: Pool;
  readonly decision: Pick<Decision, "serve" | "isFailOpen">;
  /** In the pool's order. */
  readonly members: readonly TtlMember[];
  readonly nowMs: number;
  /** The last swap and the TTL that was given out with the answer before it. */
  readonly lastSwap?: { readonly atMs: number; readonly ttlBeforeSeconds: number };
}

/**
 * Whole seconds for the answer's TTL, within the pool's [min, max].
 *
 *   member                        its answer cannot change for
 *   served, up                    interval x (fall - failures)
 *   served, unknown               0: its first probe decides
 *   served, down (fail open)      (its own recovery changes nothing)
 *   served, forced by an operator what is left of that; without an end, it cannot change
 *   before it, forced down        what is left of that + hold
 *   before it, damped             no less than what is left until it is reusable
 *   before the served one, down   interval x (rise - successes) + hold
 *   before the served one, up     what is left of its hold
 *   after the served one          (it changes nothing while the served one is up)
 *   any, while failing open       interval x (rise - successes): no hold delays it
 *
 * With the policies that serve every usable member, each one not served counts as one before.
 *
 * The least of these counts; with `failback: manual` no member before the served one does. Until
 * the TTL given out before the last swap has run out, at most 300 s, it is the pool's minimum: who
 * asks in that time is moving, and may have to move again.
 * So it is while a planned move takes a member out, whether that one is served or not.
 *
 * Example: interval 5 s, fall 3, hold 60 s, ttl 5 s to 60 s. The primary is up: 15. One failure
 * stands: 10. It is down, and the backup was swapped in: 5, for 10 s. Then the backup's 15, or
 * less once the primary's rise and hold come to an end.
 */
export function answerTtl(input: TtlInput): number {
  const { minSeconds, maxSeconds } = input.pool.ttl;
  if (isMoving(input)) return minSeconds;
  const leastMs = Math.min(...changeMoments(input));
  const seconds = Math.floor(leastMs / 1000);
  return Math.max(minSeconds, Math.min(maxSeconds, seconds));
}

/**
 * Until when a TTL stays as it is while beliefs, the moments at which they could flip, and what
 * operators force stay: infinite where it follows from those alone. Where it runs with time (in a
 * hold, damped, forced for a while), until its next second; after a swap, until its minimum ends.
 */
export function ttlSteadyUntilMs(input: TtlInput): number {
  const { pool, decision, members, nowMs, lastSwap } = input;
  if (lastSwap !== undefined && nowMs < afterSwapEndMs(lastSwap)) return afterSwapEndMs(lastSwap);
  const firstServed = members.findIndex((member) => decision.serve.includes(member.id));
  const isSteady = members.every((member, i) => {
    if (member.forced !== undefined) return false;
    if (decision.serve.includes(member.id) || !mayReturn(pool, i < firstServed)) return true;
    return member.belief !== "up" && member.reusableAtMs === undefined;
  });
  if (isSteady) return Number.POSITIVE_INFINITY;
  const leastMs = Math.min(...changeMoments(input));
  return Number.isFinite(leastMs) ? nowMs + (leastMs % 1000) : nowMs;
}

/** Whether the minimum that follows a swap holds: members need not be looked at, none will count. */
export function isAfterSwap(lastSwap: TtlInput["lastSwap"], nowMs: number): boolean {
  return lastSwap !== undefined && nowMs < afterSwapEndMs(lastSwap);
}

/** When the minimum that follows a swap ends, in monotonic milliseconds. */
export function afterSwapEndMs(swap: NonNullable<TtlInput["lastSwap"]>): number {
  return swap.atMs + 1000 * Math.min(swap.ttlBeforeSeconds, AFTER_SWAP_MAX_SECONDS);
}

function isMoving({ lastSwap, members, nowMs }: TtlInput): boolean {
  if (members.some(({ isLeaving }) => isLeaving)) return true;
  return isAfterSwap(lastSwap, nowMs);
}

function changeMoments(input: TtlInput): number[] {
  const { pool, decision, members, nowMs } = input;
  const firstServed = members.findIndex((member) => decision.serve.includes(member.id));
  const isAnyUpServed = members.some((member) => {
    const isUp = member.belief === "up" || inForce(member.forced, nowMs) === "up";
    return isUp && decision.serve.includes(member.id);
  });
  const moments: number[] = [];
  for (const [i, member] of members.entries()) {
    const isForced = inForce(member.forced, nowMs) !== undefined;
    if (decision.serve.includes(member.id)) {
      if (isForced) moments.push(forcedEndMs(member) - nowMs);
      else if (member.belief !== "down") moments.push(member.flipMs);
    } else if (!isAnyUpServed) {
      moments.push(isForced ? forcedEndMs(member) - nowMs : member.flipMs);
    } else if (mayReturn(pool, i < firstServed)) {
      moments.push(returnMs(member, pool.failback.holdMs, nowMs));
    }
  }
  return moments;
}

/** Whether a member that is not served would be, once it is good: with `priority`, a better one. */
function mayReturn(pool: Pool, isBetter: boolean): boolean {
  return pool.failback.mode === "auto" && (pool.policy !== "priority" || isBetter);
}

/** When a member that is not served may be answered again, from now. */
function returnMs(member: TtlMember, holdMs: number, nowMs: number): number {
  const forced = inForce(member.forced, nowMs);
  if (forced === "up") return 0;
  if (forced !== undefined) return forcedEndMs(member) - nowMs + holdMs;
  const dampedMs = (member.reusableAtMs ?? Number.NEGATIVE_INFINITY) - nowMs;
  if (member.belief !== "up") return Math.max(dampedMs, member.flipMs + holdMs);
  return Math.max(0, dampedMs, goodSinceMs(member, nowMs) + holdMs - nowMs);
}

function forcedEndMs(member: TtlMember): number {
  return member.forced?.untilMs ?? Number.POSITIVE_INFINITY;
}
