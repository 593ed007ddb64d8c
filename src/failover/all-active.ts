// Policies that answer every usable member: "all" here, "weighted" and "sticky" beside it. Which of
// them a client gets is the image's choice (all in turn, by alias table, by rendezvous); who may be
// answered is decided here for all three.

import type { Choice, DecisionInput, MemberView } from "./decision.ts";
import { chooseLastResort } from "./last-resort.ts";
import { isSettling, settleEndMs } from "./settle.ts";
import { servingWords, totalWeight } from "./shares.ts";
import { describe, goodSinceMs, mayStay, standingOf } from "./standing.ts";

const PANIC_FLOOR = 0.5;

/**
 * Serves every usable member.
 *
 *   member      served   answered
 *   usable      yes      yes
 *   usable      no       when it was up for the failback hold; with `manual` when an operator says yes
 *   damped      yes      yes: damping takes no answer away
 *   damped      no       when it is reusable
 *   unknown     yes      for 3 s: its first probe is under way; before the first decision too
 *   any other            no
 *
 *   healthy members                answer                                     code
 *   none                           the best of the rest: `chooseLastResort`   its own
 *   less than the panic floor      every member that is not forced down       panic
 *   the floor or more              the above                                  all-up, some-down
 *   ... while first probes run     the above                                  settling
 *   ... while holds are waited for the above                                  failback-hold
 *   ... but too few are served     the above, no hold and no damping counts   all-up, some-down
 *
 * Too few members would be crushed by the load of all: better some clients meet a dead one and try
 * the next. The floor is a share of the members that are not forced down; members whose first probe
 * is awaited count as healthy for it.
 */
export function chooseAllActive(input: DecisionInput): Choice {
  return chooseActive(input, PANIC_FLOOR);
}

/**
 * The same for every policy that answers all usable members.
 *
 * @param floorDefault the panic floor where the pool says none; 0 for never.
 */
export function chooseActive(input: DecisionInput, floorDefault: number): Choice {
  const { members, nowMs, pool } = input;
  const healthy = members.filter((member) => mayStay(member, nowMs));
  if (healthy.length === 0) return chooseLastResort(input);
  const eligible = members.filter((member) => standingOf(member, nowMs) !== "barred");
  // Rounded, or 0.1 of 30 were more than 3.
  const share = totalWeight(pool, eligible) * (pool.panicFloor ?? floorDefault);
  const floor = Number(share.toFixed(6));
  const awaited = members.filter((member) => isSettling(member, nowMs));
  if (totalWeight(pool, [...healthy, ...awaited]) < floor) {
    return panicking(input, eligible, healthy.length);
  }
  const isFirst = input.serving === undefined;
  const settling = awaited.filter((member) => isFirst || isServed(input, member));
  const staying = healthy.filter((member) => isServed(input, member));
  const isShort = totalWeight(pool, [...staying, ...settling]) < Math.max(1, floor);
  const waiting = isShort ? [] : waitingToReturn(input);
  const chosen = members.filter((member) => {
    if (waiting.includes(member)) return false;
    const standing = standingOf(member, nowMs);
    if (standing === "damped") return isShort || isServed(input, member);
    return standing === "usable" || settling.includes(member);
  });
  return serving(input, capped(input, chosen), waiting);
}

function isServed(input: DecisionInput, member: MemberView): boolean {
  return input.serving?.includes(member.id) === true;
}

/** Usable members whose hold has not passed. */
function waitingToReturn(input: DecisionInput): readonly MemberView[] {
  const { members, pool, serving, nowMs } = input;
  if (serving === undefined) return [];
  return members.filter((member) => {
    if (standingOf(member, nowMs) !== "usable" || isServed(input, member)) return false;
    if (pool.failback.mode === "manual") return input.approved?.includes(member.id) !== true;
    return nowMs < holdEndMs(input, member);
  });
}

function holdEndMs({ pool, nowMs }: DecisionInput, member: MemberView): number {
  return goodSinceMs(member, nowMs) + pool.failback.holdMs;
}

/** At most `answersMax` members: those that are served stay, the operator's order decides. */
function capped(input: DecisionInput, chosen: readonly MemberView[]): readonly MemberView[] {
  const most = input.pool.policy === "all" ? input.pool.answersMax : undefined;
  if (most === undefined || chosen.length <= most) return chosen;
  const staying = chosen.filter((member) => isServed(input, member));
  const others = chosen.filter((member) => !isServed(input, member));
  const kept = [...staying, ...others].slice(0, most);
  return chosen.filter((member) => kept.includes(member));
}

function serving(
  input: DecisionInput,
  chosen: readonly MemberView[],
  waiting: readonly MemberView[],
): Choice {
  const { members, pool, nowMs } = input;
  const serve = chosen.map((member) => member.id);
  const ends = members.filter((m) => isSettling(m, nowMs)).map(settleEndMs);
  const isManual = pool.failback.mode === "manual";
  if (!isManual) ends.push(...waiting.map((m) => holdEndMs(input, m)));
  const all = members.filter((m) => chosen.includes(m) || waiting.includes(m));
  return {
    ...words(input, chosen, waiting),
    ...{ serve, isFailOpen: false },
    ...(isManual && waiting.length > 0 && { wanted: capped(input, all).map((m) => m.id) }),
    ...(ends.length > 0 && { wakeAtMs: Math.min(...ends) }),
  };
}

function words(
  { members, pool, nowMs }: DecisionInput,
  chosen: readonly MemberView[],
  waiting: readonly MemberView[],
): Pick<Choice, "code" | "why"> {
  const serve = servingWords(
    pool,
    chosen.map((member) => member.id),
  );
  const others = members.filter((member) => !chosen.includes(member));
  const lacking = others.filter((member) => standingOf(member, nowMs) !== "usable");
  const states = lacking.map((member) => `${describe(member, nowMs)}; `).join("");
  if (waiting.length > 0) {
    const ids = waiting.map((member) => member.id).join(", ");
    return pool.failback.mode === "manual"
      ? {
          code: "failback-manual",
          why: `${states}${ids} up, an operator decides; serving ${serve}`,
        }
      : { code: "failback-hold", why: `${states}${ids} up, held for a while; serving ${serve}` };
  }
  const unknown = chosen.filter((member) => isSettling(member, nowMs));
  if (unknown.length > 0) {
    const ids = unknown.map((member) => member.id).join(", ");
    return { code: "settling", why: `${states}${ids} not known yet; serving ${serve}` };
  }
  if (lacking.length > 0) return { code: "some-down", why: `${states}serving ${serve}` };
  return { code: "all-up", why: `all are up; serving ${serve}` };
}

function panicking(
  { members, nowMs, pool }: DecisionInput,
  eligible: readonly MemberView[],
  healthyCount: number,
): Choice {
  const sick = members.filter((member) => !mayStay(member, nowMs));
  const states = sick.map((member) => describe(member, nowMs)).join(", ");
  const share = pool.policy === "weighted" ? ", too little of the weight" : "";
  const counts = `only ${healthyCount} of ${members.length} are healthy${share}`;
  const why = `${counts}: ${states}; serving all`;
  return { code: "panic", why, serve: eligible.map((member) => member.id), isFailOpen: true };
}
