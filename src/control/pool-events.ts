// What is said of a pool's decision: one line for each change, and the story of a swap.

import { nameToDisplay } from "../dns/name.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import type { Decision, MemberView } from "../failover/decision.ts";
import { type AnswerType, answerTypeText } from "../failover/family.ts";
import type { Pool } from "../failover/pool.ts";
import { sameAnswer } from "../failover/same.ts";
import type { BeliefChange } from "../health/step.ts";
import type { SwapStory } from "./announce.ts";

/** A decision, and the one before it. */
export interface DecisionNews {
  readonly pool: Pool;
  readonly type: AnswerType;
  readonly decision: Decision;
  readonly previous: Decision | undefined;
  /** Whether a swap follows from it, which is announced by itself. */
  readonly isSwap: boolean;
}

const WAITING = ["awaiting-approval", "failback-manual", "hook-failed"] as const;

/**
 * What is worth a line, if anything is: failing open and its end, another answer that is wanted and
 * not given, another reason for the same answer.
 */
export function decisionEvent(news: DecisionNews): LivezoneEvent | undefined {
  const { decision, previous } = news;
  const pool = nameToDisplay(news.pool.owner);
  const type = answerTypeText(news.type);
  const { code, why: reason } = decision;
  const serving = [...decision.serve];
  const wasOpen = previous?.isFailOpen === true;
  if (decision.isFailOpen && !wasOpen) {
    const msg = `${pool} ${type} fails open: ${reason}`;
    return event("pool.failed-open", msg, { pool, type, code, reason, serving });
  }
  if (!decision.isFailOpen && wasOpen) {
    const msg = `${pool} ${type} has a healthy member again: ${reason}`;
    return event("pool.recovered", msg, { pool, type, code, reason });
  }
  const wanted = decision.wanted === undefined ? undefined : [...decision.wanted];
  const hasFailed = decision.code === "hook-failed" && previous?.code !== "hook-failed";
  if (wanted !== undefined && (hasFailed || !sameAnswer(previous?.wanted, wanted))) {
    const fields = { pool, type, reason, serving, wanted };
    const answer = wanted.join(", ") || "nothing";
    if (decision.code === "shadow") {
      return event("pool.would-swap", `${pool} ${type} would answer ${answer}: ${reason}`, fields);
    }
    if (WAITING.some((code) => code === decision.code)) {
      const mend = `"livezone approve ${pool}" lets it answer ${answer}`;
      return event("pool.waiting", `${pool} ${type} waits, ${mend}: ${reason}`, fields);
    }
  }
  if (news.isSwap || decision.code === previous?.code) return undefined;
  const msg = `${pool} ${type} keeps its answer: ${reason}`;
  return event("pool.decided", msg, { pool, type, code: decision.code, reason });
}

/**
 * A line for each member that is believed, served or forced otherwise than before. Of the first decision
 * nothing is said: how members stand at the start is told with the state of everything.
 */
export function memberEvents(
  news: Pick<DecisionNews, "pool" | "type" | "decision" | "previous">,
  views: readonly MemberView[],
  before: readonly MemberView[] | undefined,
): LivezoneEvent[] {
  if (before === undefined || news.previous === undefined) return [];
  const pool = nameToDisplay(news.pool.owner);
  const type = answerTypeText(news.type);
  return views.flatMap(({ id, belief, reason: evidence, forced }) => {
    const member = news.pool.members.find((each) => each.id === id);
    const address = (news.type === 1 ? member?.v4 : member?.v6) ?? "";
    const known = before.find((view) => view.id === id);
    const candidate = news.decision.candidates.find((each) => each.id === id);
    const previously = news.previous?.candidates.find((each) => each.id === id);
    const served = candidate?.isServed ?? false;
    // An order that ends while nothing else changes would go on being told as the reason.
    const isOrdered = (known?.forced ?? forced) !== undefined;
    const isReasonKept = !isOrdered || previously?.reason === candidate?.reason;
    const wasServed = previously?.isServed;
    if (known?.belief === belief && wasServed === served && isReasonKept) return [];
    const reason = candidate?.reason ?? evidence;
    const what = `${belief}, ${served ? "served" : "not served"}`;
    const fields = { pool, type, member: id, address, belief, served, reason };
    return [event("member.changed", `${id} of ${pool} ${type} is ${what}: ${reason}`, fields)];
  });
}

/** A decision that waits for hooks: when it was made, and the belief that it followed from. */
export interface Begun {
  readonly change: BeliefChange | undefined;
  readonly atMs: number;
  readonly wallMs: number;
}

/**
 * The story of the swap that a decision makes now; `change` is the belief it follows from. Where hooks
 * have run it was decided when they were begun.
 */
export function swapStory(swap: {
  readonly before: readonly string[];
  readonly decision: Decision;
  readonly change: BeliefChange | undefined;
  readonly begun: Begun | undefined;
  readonly nowMs: number;
  readonly wallMs: number;
}): SwapStory {
  const { before, decision, begun } = swap;
  const change = begun === undefined ? swap.change : begun.change;
  const nowMs = begun?.atMs ?? swap.nowMs;
  const wallMs = begun?.wallMs ?? swap.wallMs;
  const firstFaultMs = change?.to === "down" ? change.firstFaultMs : undefined;
  return {
    before,
    after: decision.serve,
    code: decision.code,
    why: decision.why,
    decidedMs: nowMs,
    decidedWallMs: wallMs,
    ...(change !== undefined && { detectedWallMs: wallMs }),
    ...(firstFaultMs !== undefined && {
      detectMs: nowMs - firstFaultMs,
      firstFaultWallMs: Math.round(wallMs - (nowMs - firstFaultMs)),
    }),
    ...(begun !== undefined && { hooksMs: swap.nowMs - begun.atMs }),
  };
}
