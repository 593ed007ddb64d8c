// Handovers: swaps that wait for programs. `fence` stops the member that was served, `promote` makes
// the next one fit to serve; only then is the answer another one. What has begun goes on to its end,
// through restarts too, since nobody knows how far a program came that was cut off.

import { unreachable } from "../base/assert.ts";
import type { Choice, DecisionCode, DecisionInput } from "./decision.ts";
import type { HookName, Hooks } from "./pool.ts";

/** Who is handed over from and to, and the decision that wants it. */
export interface HandoverPlan {
  readonly from: string;
  readonly to: string;
  readonly code: DecisionCode;
  readonly why: string;
}

/**
 * How far a handover is.
 *
 *   fence, promote   that hook is due; it is started once the store has noted the stage
 *   done             the next member is served: nobody else is fit to be
 *   failed           a hook failed, and the operator wrote that this aborts the swap
 */
export interface Handover extends HandoverPlan {
  readonly stage: HookName | "done" | "failed";
  /** A hook may have been started: from then on it goes on to its end, whatever is wanted. */
  readonly isBegun: boolean;
  /** `promote` was started, whatever came of it: somebody else must not be promoted beside it. */
  readonly isPromoteTried: boolean;
  /** Which hook failed, and how; "" where none did. */
  readonly failure: string;
  /** It failed, and what was served came back since: the same may be tried again by itself. */
  readonly isOver: boolean;
}

/** What happens to a handover. */
export type HandoverInput =
  | { readonly kind: "noted" }
  | { readonly kind: "ended"; readonly isGood: boolean; readonly outcome: string };

/** What is to be done next: ask the store, start the hook of the stage, or decide anew. */
export type HandoverNext = "note" | "run" | "decide";

/** A handover that begins: nothing was started yet. */
export function beginHandover(plan: HandoverPlan, hooks: Hooks): Handover {
  const stage = hooks.fence !== undefined ? "fence" : "promote";
  const fresh = { isBegun: false, isPromoteTried: false, failure: "", isOver: false };
  return { ...plan, stage, ...fresh };
}

/**
 * A handover that a start finds under way goes back to its first hook: who was fenced may have come
 * back meanwhile, and a promotion that was cut off may be half done. Hooks bear being run again.
 * Where nobody can have been promoted yet, it goes on only if it is still wanted.
 */
export function resumeHandover(stored: Handover, hooks: Hooks): Handover {
  if (!isUnderWay(stored)) return stored;
  const isPromoteTried = stored.isPromoteTried || stored.stage === "promote";
  return { ...beginHandover(stored, hooks), isPromoteTried, isBegun: isPromoteTried };
}

/** Whether hooks run, or are about to. */
export function isUnderWay(handover: Handover | undefined): boolean {
  return handover !== undefined && handover.stage !== "done" && handover.stage !== "failed";
}

/**
 * Lets something happen to a handover that is under way.
 *
 *   stage     input                    next stage   to do
 *   any       noted                    the same     run its hook
 *   fence     ended well               promote      note it; without such a hook: done
 *   promote   ended well               done         decide
 *   any       failed, "continue"       as if well
 *   any       failed, "abort"          failed       decide
 */
export function stepHandover(
  handover: Handover,
  input: HandoverInput,
  hooks: Hooks,
): { readonly handover: Handover; readonly next: HandoverNext } {
  const { stage } = handover;
  if (stage === "done" || stage === "failed") return { handover, next: "decide" };
  switch (input.kind) {
    case "noted": {
      const isPromoteTried = handover.isPromoteTried || stage === "promote";
      return { handover: { ...handover, isBegun: true, isPromoteTried }, next: "run" };
    }
    case "ended": {
      const isGoing = input.isGood || hooks[stage]?.onFailure === "continue";
      const failure = input.isGood ? handover.failure : `${stage}: ${input.outcome}`;
      if (!isGoing) return { handover: { ...handover, stage: "failed", failure }, next: "decide" };
      if (stage === "fence" && hooks.promote !== undefined) {
        return { handover: { ...handover, stage: "promote", failure }, next: "note" };
      }
      return { handover: { ...handover, stage: "done", failure }, next: "decide" };
    }
    default:
      return unreachable(input);
  }
}

/**
 * What a handover makes of a choice.
 *
 *   handover               choice                     outcome
 *   any                    who is served, or nobody   the choice
 *   under way              any                        as it is: handing-over, to its end
 *   ... nothing started    not its member any more    as if there were none
 *   done, not served yet   any                        its member: nobody else is fit
 *   failed                 another member             as it is: hook-failed, until an operator says
 *                                                     yes or it has come back and is wanted again
 *   none, done             another member             as it is: handing-over, one begins
 *
 * @param raw what the policy chose, guards and modes left out.
 */
export function handedOver(input: DecisionInput, raw: Choice, choice: Choice): Choice {
  const { pool, serving, handover, members } = input;
  const from = serving?.[0];
  if (pool.hooks === undefined || from === undefined) return choice;
  const isMember = members.some((member) => member.id === handover?.to);
  if (handover !== undefined && isMember) {
    const { to, why, code } = handover;
    const isWanted = handover.isBegun || raw.serve[0] === to;
    if (isUnderWay(handover) && isWanted) {
      return { ...handing(choice, { from, to, why, code }), wanted: [to] };
    }
    if (handover.stage === "done" && from !== to) {
      return { code, why, serve: [to], isFailOpen: false };
    }
  }
  const to = choice.serve[0];
  if (to === undefined || to === from) return choice;
  const plan = { from, to, code: choice.code, why: choice.why };
  if (handover?.stage === "failed" && !mayTryAgain(input, handover, to)) {
    const why = `${handover.failure}; still serving ${from}: ${choice.why}`;
    return { ...handing(choice, plan), code: "hook-failed", why };
  }
  return { ...handing(choice, plan), begins: plan };
}

function mayTryAgain({ approved }: DecisionInput, failed: Handover, to: string): boolean {
  return approved?.includes(to) === true || (failed.isOver && to === failed.to);
}

function handing(choice: Choice, { from, to, why }: HandoverPlan): Choice {
  const { wakeAtMs: _, ...rest } = choice;
  const words = `handing over from ${from} to ${to}: ${why}`;
  const kept = { serve: [from], wanted: [to], isFailOpen: choice.isFailOpen };
  return { ...rest, ...kept, code: "handing-over", why: words };
}
