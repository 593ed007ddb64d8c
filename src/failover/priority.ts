// Policy "priority": one member is served, the first usable one in the operator's order.

import { unreachable } from "../base/assert.ts";
import type { Choice, DecisionInput, MemberView } from "./decision.ts";

/** A served member that is unknown is kept this long: its first probe is under way. */
const SETTLE_MS = 3000;

/**
 * Serves the first usable member, in the order the operator wrote them. Usable is one that is up
 * and, where it was added to a running pool, has earned `rise`.
 *
 *   primary   backup   served    answer    why
 *   up        any      primary   primary   primary-up
 *   up        up       backup    backup    failback-hold, until the primary was up for its hold
 *   up        up       backup    primary   failback, when it was
 *   up        up       backup    backup    failback-manual, where an operator decides
 *   up        not up   backup    primary   primary-up: no hold delays a failover
 *   down      up       any       backup    primary-down
 *   unknown   up       primary   primary   settling, for 3 s: its first probe is under way
 *   unknown   up       any       backup    primary-down
 *   unknown   unknown  any       the served one, else the primary: none-known
 *   down      unknown  any       backup    none-known
 *   down      down     any       (as it is) all-down: the last good answer beats an empty one
 *
 * The settling row departs from "unknown members are served only when none is up" for the moment
 * between a start and the first probe's result: else each cold start would swap away and back.
 */
export function choosePriority(input: DecisionInput): Choice {
  const { members } = input;
  if (members.length === 0) {
    return { code: "no-members", why: "no member", serve: [], isFailOpen: false };
  }
  const current = members.find((member) => input.serving?.includes(member.id) === true);
  const best = members.find(isUsable);
  if (best === undefined) return withoutUsable(input, current);
  if (current === undefined || !isUsable(current)) {
    return isSettling(current, input.nowMs) ? settling(current, best) : servingFirst(members, best);
  }
  return failback(input, current);
}

function isUsable(member: MemberView): boolean {
  return member.belief === "up" && !member.isNew;
}

function isSettling(member: MemberView | undefined, nowMs: number): member is MemberView {
  return member?.belief === "unknown" && nowMs < member.sinceMs + SETTLE_MS;
}

function settling(current: MemberView, best: MemberView): Choice {
  return {
    code: "settling",
    why: `${current.id} is not known yet, ${best.id} is up; serving ${current.id} until it is`,
    serve: [current.id],
    isFailOpen: false,
    wakeAtMs: current.sinceMs + SETTLE_MS,
  };
}

function servingFirst(members: readonly MemberView[], best: MemberView): Choice {
  const before = members.slice(0, members.indexOf(best));
  const code = before.length === 0 ? "primary-up" : "primary-down";
  const why =
    before.length === 0
      ? `${best.id} is up`
      : `${before.map(describe).join(", ")}; serving ${best.id}`;
  return { code, why, serve: [best.id], isFailOpen: false };
}

/** The served member is usable: a better one takes over only by the failback rules. */
function failback(input: DecisionInput, current: MemberView): Choice {
  const { members, pool, nowMs } = input;
  const better = members.slice(0, members.indexOf(current)).filter(isUsable);
  const [best] = better;
  if (best === undefined) return servingFirst(members, current);
  const stay = { serve: [current.id], isFailOpen: false };
  if (pool.failback.mode === "manual") {
    const why = `${best.id} is up again, waiting for an operator; serving ${current.id}`;
    return { code: "failback-manual", why, ...stay };
  }
  const { holdMs } = pool.failback;
  const ready = better.find((member) => nowMs >= member.sinceMs + holdMs);
  if (ready !== undefined) {
    const why = `${ready.id} was up for its hold; serving it again`;
    return { code: "failback", why, serve: [ready.id], isFailOpen: false };
  }
  const wakeAtMs = Math.min(...better.map((member) => member.sinceMs + holdMs));
  const why = `${best.id} is up again, its hold has not passed; serving ${current.id}`;
  return { code: "failback-hold", why, ...stay, wakeAtMs };
}

/** No member is usable: one that is not known to be down, else what `allDown` says. */
function withoutUsable(input: DecisionInput, current: MemberView | undefined): Choice {
  const { members } = input;
  const hopeful = members.filter((member) => member.belief !== "down");
  const next =
    hopeful.find((member) => member.belief === "up") ??
    hopeful.find((member) => member === current) ??
    hopeful[0];
  if (next === undefined) return allDown(input, current);
  const why = `no member is known to be up: ${members.map(describe).join(", ")}; serving ${next.id}`;
  return { code: "none-known", why, serve: [next.id], isFailOpen: false };
}

function allDown(input: DecisionInput, current: MemberView | undefined): Choice {
  const { members, pool } = input;
  const states = members.map(describe).join(", ");
  switch (pool.allDown) {
    case "empty": {
      const why = `every member is down: ${states}; answering nothing`;
      return { code: "all-down", why, serve: [], isFailOpen: false };
    }
    case "all": {
      const why = `every member is down: ${states}; serving all of them`;
      return { code: "all-down", why, serve: members.map((m) => m.id), isFailOpen: true };
    }
    case "fail-open": {
      const kept = current ?? members[0];
      const serve = kept === undefined ? [] : [kept.id];
      const why = `every member is down: ${states}; still serving ${serve.join(", ")}`;
      return { code: "all-down", why, serve, isFailOpen: true };
    }
    default:
      return unreachable(pool.allDown);
  }
}

function describe(member: MemberView): string {
  if (member.belief === "up") return `${member.id} is up but new`;
  return `${member.id} is ${member.belief} (${member.reason})`;
}
