// Policy "priority": one member is served, the first usable one in the operator's order.

import { inForce } from "../health/forced.ts";
import type { Choice, DecisionInput, MemberView } from "./decision.ts";
import { chooseLastResort } from "./last-resort.ts";
import { isSettling, settleEndMs } from "./settle.ts";
import { describe, goodSinceMs, mayStay, standingOf } from "./standing.ts";

/**
 * Serves the first usable member, in the order the operator wrote them (`standing.ts` says what is
 * usable: up, and nothing against it).
 *
 *   primary   backup   served    answer    why
 *   up        any      primary   primary   primary-up
 *   up        up       backup    backup    failback-hold, until the primary was up for its hold
 *   up        up       backup    primary   failback, when it was; at once where it is forced up
 *   up        up       backup    backup    failback-manual, where an operator decides
 *   up        up       backup    primary   failback, when an operator said yes: no hold is waited for
 *   up        not up   backup    primary   primary-up: no hold delays a failover
 *   damped    up       backup    backup    primary-down, until it is reusable
 *   damped    up       primary   primary   primary-up: damping takes no answer away
 *   down      up       any       backup    primary-down
 *   unknown   up       primary   primary   settling, for 3 s: its first probe is under way
 *   unknown   up       any       backup    primary-down
 *   neither usable     any       the best of the rest: `chooseLastResort`
 */
export function choosePriority(input: DecisionInput): Choice {
  const { members, nowMs } = input;
  const current = members.find((member) => input.serving?.includes(member.id) === true);
  const best = members.find((member) => standingOf(member, nowMs) === "usable");
  if (best === undefined) return chooseLastResort(input);
  if (current !== undefined && mayStay(current, nowMs)) return failback(input, current);
  if (current !== undefined && isSettling(current, nowMs)) return settling(current, best);
  return servingFirst(input, best);
}

function settling(current: MemberView, best: MemberView): Choice {
  return {
    code: "settling",
    why: `${current.id} is not known yet, ${best.id} is up; serving ${current.id} until it is`,
    serve: [current.id],
    isFailOpen: false,
    wakeAtMs: settleEndMs(current),
  };
}

function servingFirst({ members, nowMs }: DecisionInput, best: MemberView): Choice {
  const before = members.slice(0, members.indexOf(best));
  const serving = { serve: [best.id], isFailOpen: false };
  if (before.length === 0) {
    return { code: "primary-up", why: `${describe(best, nowMs)}`, ...serving };
  }
  const states = before.map((member) => describe(member, nowMs)).join(", ");
  return { code: "primary-down", why: `${states}; serving ${best.id}`, ...serving };
}

/** The served member may stay: a better one takes over only by the failback rules. */
function failback(input: DecisionInput, current: MemberView): Choice {
  const { members, pool, nowMs } = input;
  const better = members
    .slice(0, members.indexOf(current))
    .filter((member) => standingOf(member, nowMs) === "usable");
  const [best] = better;
  if (best === undefined) return servingFirst(input, current);
  const stay = { serve: [current.id], isFailOpen: false };
  const holdEndMs = (member: MemberView) => goodSinceMs(member, nowMs) + pool.failback.holdMs;
  const isManual = pool.failback.mode === "manual";
  const isAsked = isManual || nowMs < holdEndMs(best);
  if (isAsked && input.approved?.includes(best.id) === true) {
    const why = `${best.id} is up again, and an operator brought it back`;
    return { code: "failback", why, serve: [best.id], isFailOpen: false };
  }
  if (isManual) {
    const why = `${best.id} is up again, waiting for an operator; serving ${current.id}`;
    return { code: "failback-manual", why, ...stay, wanted: [best.id] };
  }
  const ready = better.find((member) => nowMs >= holdEndMs(member));
  if (ready === undefined) {
    const why = `${best.id} is up again, its hold has not passed; serving ${current.id}`;
    return { code: "failback-hold", why, ...stay, wakeAtMs: Math.min(...better.map(holdEndMs)) };
  }
  const isForced = inForce(ready.forced, nowMs) !== undefined;
  const good = isForced ? describe(ready, nowMs) : `${ready.id} was up for its hold`;
  const why = `${good}; serving it again`;
  const choice: Choice = { code: "failback", why, serve: [ready.id], isFailOpen: false };
  // A still better one may be waiting for its own hold.
  if (ready === best) return choice;
  const rest = better.slice(0, better.indexOf(ready));
  return { ...choice, wakeAtMs: Math.min(...rest.map(holdEndMs)) };
}
