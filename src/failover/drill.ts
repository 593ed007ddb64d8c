// A drill, as far as it can be thought through: whether it may begin, and what its pool has to do
// while it runs. Nobody is asked and nothing is forced here.

import { formatDuration } from "../base/duration.ts";
import { inForce } from "../health/forced.ts";
import type { Belief } from "../health/target.ts";
import { decide } from "./decide.ts";
import type { Decision, DecisionInput, MemberView } from "./decision.ts";
import type { Pool } from "./pool.ts";
import { describe, standingOf } from "./standing.ts";

/** A pool that has not moved after this, and its hooks' time, will not: nothing else takes as long. */
const MOVE_WITHIN_MS = 2000;
/** What a return may take beyond the hold and the spacing of swaps. */
const BACK_GRACE_MS = 10_000;

/**
 * Why a member's drill would show nothing, or harm: `undefined`, or the sentence.
 *
 *   the pool, the member                          the drill
 *   mode shadow, or mode manual                   refused: the answer would not move
 *   not answered now                              refused: taking it out moves nothing
 *   something is forced of it                     refused: an operator is at work on it
 *   without it, a healthy member is answered      may begin
 *   without it, none is                           refused: the standby is not ready
 *   once it is back, another one goes on          refused: it only stands in for that one
 */
export function refusalToDrill(input: DecisionInput, id: string): string | undefined {
  const { pool, members, nowMs, serving } = input;
  if (pool.mode !== undefined && pool.mode !== "auto") {
    return `the pool's mode is "${pool.mode}", so that its answer would not move`;
  }
  const member = members.find((one) => one.id === id);
  if (member === undefined || serving?.includes(id) !== true) {
    return `${id} is not answered, ${serving?.join(", ") ?? "nothing"} is`;
  }
  if (inForce(member.forced, nowMs) !== undefined) return describe(member, nowMs);
  const without = decide({ ...input, members: withForced(members, id, nowMs) });
  const unfit = members.filter((one) => {
    return without.serve.includes(one.id) && standingOf(one, nowMs) !== "usable";
  });
  if (without.isFailOpen || without.serve.length === 0 || unfit.length > 0) {
    const states = members.filter((one) => one.id !== id).map((one) => describe(one, nowMs));
    return `the standby is not ready: ${states.join(", ") || "there is no other member"}`;
  }
  const after = decide({ ...input, members: members.map(asSettled), serving: without.serve });
  const isBack = after.serve.includes(id) || after.wanted?.includes(id) === true;
  if (isBack) return undefined;
  return `${id} only stands in: ${after.serve.join(", ")} would be answered after it`;
}

function withForced(members: readonly MemberView[], id: string, nowMs: number): MemberView[] {
  const order = { author: "drill", reason: "drill", sinceMs: nowMs, untilMs: undefined };
  return members.map((member) => {
    return member.id === id ? { ...member, forced: { state: "down", ...order } } : member;
  });
}

/** As it is once every hold has passed. */
function asSettled(member: MemberView): MemberView {
  return { ...member, sinceMs: Number.NEGATIVE_INFINITY };
}

/** Where a family of the drilled pool stands. */
export interface DrillWatch {
  readonly phase: "moving" | "away" | "returning" | "passed" | "failed";
  readonly startedMs: number;
  /** When what was forced ended. */
  readonly endedMs?: number;
  readonly movedMs?: number;
  readonly backMs?: number;
  /** Of a failure: what the pool did in place of what it should. */
  readonly reason: string;
}

/** What is seen of the family at a moment. */
export interface DrillView {
  readonly decision: Pick<Decision, "serve" | "isFailOpen" | "code" | "why">;
  /** When the answer last became another one. */
  readonly changedMs: number;
  readonly belief: Belief;
  /** Whether what the drill forced is still in force. */
  readonly isForced: boolean;
}

/** A drill that begins. */
export function beginWatch(startedMs: number): DrillWatch {
  return { phase: "moving", startedMs, reason: "" };
}

/**
 * Takes a look at the pool.
 *
 *   phase      seen                                      next
 *   moving     the member is not answered                away
 *   moving     still answered after 2 s and its hooks    failed
 *   any        a hook failed                             failed
 *   away       members that are down are answered        failed
 *   away       what was forced has ended                 returning
 *   returning  the member is answered                    passed
 *   returning  its probes say down                       failed
 *   returning  hold, spacing, hooks and 10 s are over    failed
 */
export function watchDrill(
  watch: DrillWatch,
  seen: DrillView,
  drill: { readonly pool: Pool; readonly member: string; readonly nowMs: number },
): DrillWatch {
  const { pool, member, nowMs } = drill;
  const { decision, changedMs } = seen;
  const isAnswered = decision.serve.includes(member);
  const hasFailed = decision.code === "hook-failed";
  const failed = (reason: string): DrillWatch => ({ ...watch, phase: "failed", reason });
  switch (watch.phase) {
    case "moving":
      if (!isAnswered) {
        return { ...watch, phase: "away", movedMs: Math.max(0, changedMs - watch.startedMs) };
      }
      if (!hasFailed && nowMs < watch.startedMs + MOVE_WITHIN_MS + hooksMs(pool)) return watch;
      return failed(`the answer did not move: ${decision.why}`);
    case "away":
      if (decision.isFailOpen) return failed(`no standby was healthy: ${decision.why}`);
      return seen.isForced ? watch : { ...watch, phase: "returning", endedMs: nowMs };
    case "returning": {
      const endedMs = watch.endedMs ?? nowMs;
      if (isAnswered) {
        return { ...watch, phase: "passed", backMs: Math.max(0, changedMs - endedMs) };
      }
      if (seen.belief === "down") return failed(`${member} went down meanwhile`);
      const limitMs = backWithinMs(pool);
      if (!hasFailed && nowMs < endedMs + limitMs) return watch;
      const within = hasFailed ? "" : ` within ${formatDuration(limitMs)}`;
      return failed(`${member} was not back${within}: ${decision.why}`);
    }
    default:
      return watch;
  }
}

function backWithinMs(pool: Pool): number {
  const { failback, guards } = pool;
  return failback.holdMs + (guards?.spacingMs ?? 0) + hooksMs(pool) + BACK_GRACE_MS;
}

/** What a pool's programs may take. */
function hooksMs({ hooks = {} }: Pool): number {
  return (hooks.fence?.timeoutMs ?? 0) + (hooks.promote?.timeoutMs ?? 0);
}
