// What is answered when no member is usable: the best of the rest, the same for every policy.

import { unreachable } from "../base/assert.ts";
import type { Choice, DecisionInput, MemberView } from "./decision.ts";
import { servingWords } from "./shares.ts";
import { describe, type Standing, standingOf } from "./standing.ts";

/** What is tried before failing open, in this order. */
const RESORTS: readonly (readonly [Standing, Choice["code"], string])[] = [
  ["damped", "last-healthy", "no other member is healthy"],
  ["new", "none-known", "no member has earned its place"],
  ["draining", "last-healthy", "no other member is healthy"],
  ["unknown", "none-known", "no member is known to be up"],
];

/**
 * Chooses among members of which none is usable.
 *
 *   best standing there is   answer                               code
 *   damped                   one of them                          last-healthy
 *   new                      one of them                          none-known
 *   draining                 one of them                          last-healthy
 *   unknown                  one of them                          none-known
 *   down, barred             the last good answer, all, nothing   all-down
 *
 * "One of them" is the one served now, else the first in the operator's order. The policies that
 * answer several members answer all of them that are served now, else all of that standing: a start
 * that knows nothing yet takes nobody out. Failing open prefers members that are merely down to those
 * an operator forced down.
 */
export function chooseLastResort(input: DecisionInput): Choice {
  const states = input.members.map((member) => describe(member, input.nowMs)).join(", ");
  for (const [standing, code, words] of RESORTS) {
    const serve = pick(input, standing);
    if (serve.length === 0) continue;
    const why = `${words}: ${states}; serving ${servingWords(input.pool, serve)}`;
    return { code, why, serve, isFailOpen: false };
  }
  return allDown(input, states);
}

/** Members of a standing: the served ones, else all of them; of either, `priority` takes the first. */
function pick(input: DecisionInput, standing: Standing): readonly string[] {
  const { members, serving, nowMs, pool } = input;
  const fit = members.filter((member) => standingOf(member, nowMs) === standing);
  const served = fit.filter((member) => serving?.includes(member.id) === true);
  const chosen = served.length > 0 ? served : fit;
  const most = pool.policy === "priority" ? 1 : mostOf(input);
  return chosen.slice(0, most).map((member) => member.id);
}

function mostOf({ pool }: DecisionInput): number {
  return (pool.policy === "all" ? pool.answersMax : undefined) ?? Number.POSITIVE_INFINITY;
}

function allDown(input: DecisionInput, states: string): Choice {
  const { members, pool, nowMs } = input;
  const fit = members.filter((member) => standingOf(member, nowMs) !== "gated");
  const eligible = fit.filter((member) => standingOf(member, nowMs) !== "barred");
  const open = eligible.length > 0 ? eligible : fit;
  const none =
    fit.length < members.length ? "no other member may be served" : "every member is down";
  switch (pool.allDown) {
    case "empty": {
      const why = `${none}: ${states}; answering nothing`;
      return { code: "all-down", why, serve: [], isFailOpen: false };
    }
    case "all": {
      const why = `${none}: ${states}; serving all that are not forced down`;
      return { code: "all-down", why, serve: open.map((m) => m.id), isFailOpen: true };
    }
    case "fail-open": {
      const serve = lastGood(input, open);
      const why = `${none}: ${states}; still serving ${servingWords(pool, serve)}`;
      return { code: "all-down", why, serve, isFailOpen: true };
    }
    default:
      return unreachable(pool.allDown);
  }
}

/** What was answered last and may be still: with `priority` one member, else the whole answer. */
function lastGood(input: DecisionInput, open: readonly MemberView[]): readonly string[] {
  const kept = open.filter((member) => input.serving?.includes(member.id));
  if (input.pool.policy === "priority") {
    const first = kept[0] ?? open[0];
    return first === undefined ? [] : [first.id];
  }
  return (kept.length > 0 ? kept : open).map((member) => member.id);
}
