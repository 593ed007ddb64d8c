// Guards over swaps: what the policy chose is held back when it comes too soon, too often, or
// without the operator's yes. An answer without a healthy member is never kept by a guard.

import { formatDuration } from "../base/duration.ts";
import type { Choice, DecisionInput, MemberView } from "./decision.ts";
import { gatedMembers } from "./gate.ts";
import { sameMembers } from "./same.ts";
import { describe, mayStay, standingOf } from "./standing.ts";

/**
 * Holds a choice back, or lets it pass.
 *
 *   what is served now           mode, guards                       outcome
 *   the same, or nothing yet     any                                the choice
 *   any                          shadow                             as it is: shadow
 *   any                          manual, not approved               as it is: awaiting-approval
 *   no healthy member in it      auto                               the choice: an outage is worse
 *   a healthy member in it       less than the spacing has passed   as it is: swap-spacing
 *   a healthy member in it       the budget is used up              as it is: swap-budget
 *   a healthy member in it       none of these                      the choice
 *
 * With several members served, one that went down is taken out although a guard holds back the rest
 * of the choice.
 */
export function guarded(input: DecisionInput, choice: Choice): Choice {
  const { pool, serving, members } = input;
  const still = (serving ?? []).filter((id) => members.some((member) => member.id === id));
  if (still.length === 0 || sameMembers(still, choice.serve)) return choice;
  const held = heldByMode(input, choice, still);
  if (held !== undefined) return held;
  const kept = healthyOf(input, still);
  if (pool.guards === undefined || kept.length === 0) return choice;
  if (kept.length < still.length && sameMembers(kept, choice.serve)) return choice;
  return heldByGuards(input, choice, kept) ?? choice;
}

function heldByMode(
  input: DecisionInput,
  choice: Choice,
  still: readonly string[],
): Choice | undefined {
  const { pool, approved } = input;
  if (pool.mode === "shadow") {
    return keep(choice, still, { code: "shadow", why: `it would decide: ${choice.why}` });
  }
  if (pool.mode !== "manual") return undefined;
  if (approved !== undefined && sameMembers(approved, choice.serve)) return undefined;
  const why = `waiting for an operator to decide: ${choice.why}`;
  return keep(choice, still, { code: "awaiting-approval", why });
}

function heldByGuards(
  input: DecisionInput,
  choice: Choice,
  kept: readonly string[],
): Choice | undefined {
  const { pool, nowMs, swapsMs = [] } = input;
  const { spacingMs, budget } = pool.guards ?? {};
  const lastMs = Math.max(...swapsMs);
  if (spacingMs !== undefined && nowMs < lastMs + spacingMs) {
    const why = `held back, the last swap was less than ${formatDuration(spacingMs)} ago: ${choice.why}`;
    return keep(choice, kept, { code: "swap-spacing", why, wakeAtMs: lastMs + spacingMs });
  }
  if (budget === undefined) return undefined;
  const recent = swapsMs.filter((swapMs) => nowMs < swapMs + budget.windowMs).sort((a, b) => a - b);
  if (recent.length < budget.swaps) return undefined;
  const oldestMs = recent[recent.length - budget.swaps] ?? nowMs;
  const window = formatDuration(budget.windowMs);
  const why = `held back, there were ${recent.length} swaps within ${window}: ${choice.why}`;
  return keep(choice, kept, { code: "swap-budget", why, wakeAtMs: oldestMs + budget.windowMs });
}

/** What is held back may become another choice before the guard lets go: both moments are kept. */
function keep(
  choice: Choice,
  serve: readonly string[],
  hold: Pick<Choice, "code" | "why" | "wakeAtMs">,
): Choice {
  const wakeAtMs = Math.min(...[choice.wakeAtMs, hold.wakeAtMs].filter((ms) => ms !== undefined));
  const wake = Number.isFinite(wakeAtMs) && { wakeAtMs };
  return { ...choice, ...hold, ...wake, serve, isFailOpen: false, wanted: choice.serve };
}

function healthyOf(input: DecisionInput, ids: readonly string[]): readonly string[] {
  return input.members
    .filter((member) => ids.includes(member.id) && mayStay(member, input.nowMs))
    .map((member) => member.id);
}

/**
 * Whether taking members out by hand (forced down, drained, a maintenance window, a drill) leaves
 * enough healthy ones: `undefined`, or the sentence that refuses it.
 */
export function refusalToTakeOut(input: DecisionInput, ids: readonly string[]): string | undefined {
  const { pool, nowMs } = input;
  const members = gatedMembers(input);
  const least = pool.guards?.healthyMin ?? 1;
  const isLeft = (member: MemberView): boolean => !ids.includes(member.id);
  const left = members.filter((m) => isLeft(m) && mayStay(m, nowMs));
  if (left.length >= least) return undefined;
  const others = members.filter((m) => isLeft(m) && standingOf(m, nowMs) !== "usable");
  const states = others.map((member) => describe(member, nowMs)).join(", ") || "there is no other";
  return `it would leave ${left.length} healthy of at least ${least}: ${states}`;
}
