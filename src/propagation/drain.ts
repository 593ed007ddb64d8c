// A planned move: a member is taken out so gently that nobody notices. What is next follows from what
// is seen; the TTL, the forced state and the events are the shell's.

import { SLACK_MS } from "./book.ts";

/** How far a move has come. */
export type DrainStage = "planned" | "lowering" | "moving" | "draining" | "drained" | "ended";

/** One planned move. */
export interface Drain {
  readonly stage: DrainStage;
  /** Not before this wall time does the answer move. */
  readonly atWallMs: number;
  /** Monotonic moment at which the stage began, or was taken up again by a new start. */
  readonly sinceMs: number;
  /** While lowering: when the last copy that was given for longer ends; undefined: not known yet. */
  readonly boundMs?: number;
  /** The bound has been read since the TTL was lowered by this life. */
  readonly isRead: boolean;
  /** Why it goes no further, where something is in the way. */
  readonly held?: string;
}

/** The last copy that a pool has given out of its answer. */
export interface LastCopy {
  readonly untilMs: number;
  readonly leastTtlMs: number;
}

/** What a move sees of the world. */
export interface DrainSight {
  readonly nowMs: number;
  readonly wallMs: number;
  /** The longest and the least TTL that the address's pools may give. */
  readonly longestTtlMs: number;
  readonly leastTtlMs: number;
  /** One for each answer of which copies are out. */
  readonly copies: readonly LastCopy[];
  /** The forced state "drain" is in force. */
  readonly isForced: boolean;
  /** Some pool answers the address. */
  readonly isAnswered: boolean;
  /** Why the address cannot be taken out now, if it cannot. */
  readonly refusal: string | undefined;
  /** No pool has the address any more: a record of the zone itself it may be, and nobody knows. */
  readonly isWithoutPool: boolean;
  /** Until when an honest cache may hold an answer with the address that is answered no more. */
  readonly heldUntilMs: number | undefined;
}

/** A batch that had begun when the TTL was lowered has ended by then. */
export const READ_AFTER_MS = 100;
/** The ledger counts in tenths of seconds, rounded up, and an answer may be on its way. */
const TICK_MS = 200;
/** How often a move looks at the world, at least. */
const LOOK_MS = 1000;

/** A move that an operator has ordered. */
export function beginDrain(atWallMs: number, nowMs: number): Drain {
  return { stage: "planned", atWallMs, sinceMs: nowMs, isRead: false };
}

/**
 * One step of a move; the same one where nothing is to be done.
 *
 *   stage      what is seen                               next
 *   planned    the longest TTL would still end before it  planned
 *   planned    it is time                                 lowering   (the TTL is the least)
 *   lowering   longer copies may live, or it is early     lowering
 *   lowering   too few healthy ones would be left         lowering   (held)
 *   lowering   none of these                              moving     (forced: drain)
 *   moving     it is answered                             moving
 *   moving     it is not answered                         draining
 *   draining   copies may live                            draining
 *   draining   none can                                   drained    (the TTL is as always)
 *   draining or drained, and answered again               moving     (held)
 *   moving and later, and no pool has it any more         moving     (held)
 *   moving and later, and forced no more                  ended
 *
 * A crash may lose a stage that was just reached, not what was forced: whoever is forced already
 * is moving.
 */
export function stepDrain(drain: Drain, seen: DrainSight): Drain {
  const isOut = ["moving", "draining", "drained"].includes(drain.stage);
  if (isOut && !seen.isForced) return entered("ended", drain, seen);
  if (!isOut && seen.isForced) return entered("moving", drain, seen);
  if (isOut && seen.isWithoutPool) return withoutPool(drain, seen);
  switch (drain.stage) {
    case "planned":
      return seen.wallMs < lowerWallMs(drain, seen) ? drain : entered("lowering", drain, seen);
    case "lowering":
      return stepLowering(drain, seen);
    case "moving":
      return seen.isAnswered ? drain : entered("draining", drain, seen);
    case "draining":
      if (seen.isAnswered) return answeredAgain(drain, seen);
      return (seen.heldUntilMs ?? seen.nowMs) > seen.nowMs
        ? drain
        : entered("drained", drain, seen);
    case "drained":
      return seen.isAnswered ? answeredAgain(drain, seen) : drain;
    default:
      return drain;
  }
}

/** Whether the pools of the address answer with their least TTL. */
export function isLowered({ stage }: Drain): boolean {
  return stage === "lowering" || stage === "moving" || stage === "draining";
}

/** When a move is to be looked at again, in monotonic milliseconds. */
export function nextDrainLookMs(drain: Drain, seen: DrainSight): number {
  const { nowMs, wallMs, heldUntilMs } = seen;
  const dues: number[] = [];
  if (drain.stage === "lowering") {
    dues.push(drain.isRead ? (drain.boundMs ?? nowMs) : drain.sinceMs + READ_AFTER_MS);
    dues.push(nowMs + drain.atWallMs - wallMs);
  }
  if (drain.stage === "draining" && heldUntilMs !== undefined) dues.push(heldUntilMs);
  return Math.min(nowMs + LOOK_MS, ...dues.filter((due) => due > nowMs));
}

/** When each stage is to begin, as far as it is known now; wall milliseconds. */
export function drainPlan(
  drain: Drain,
  seen: DrainSight,
): { readonly lowerWallMs: number; readonly moveWallMs: number; readonly drainedWallMs: number } {
  const toWall = seen.wallMs - seen.nowMs;
  const isAhead = drain.stage === "planned" && seen.wallMs < lowerWallMs(drain, seen);
  const loweredMs = drain.stage === "lowering" ? drain.sinceMs : seen.nowMs;
  const lower = isAhead ? lowerWallMs(drain, seen) : loweredMs + toWall;
  const boundMs = drain.isRead ? drain.boundMs : (longerUntilMs(seen) ?? seen.nowMs);
  const bound = isAhead ? lower + seen.longestTtlMs + SLACK_MS : (boundMs ?? seen.nowMs) + toWall;
  const move = Math.max(drain.atWallMs, bound, lower + READ_AFTER_MS);
  const isOut = drain.stage === "draining";
  const drained = isOut
    ? Math.max(seen.nowMs, seen.heldUntilMs ?? seen.nowMs) + toWall
    : move + seen.leastTtlMs + SLACK_MS;
  return {
    lowerWallMs: Math.round(lower),
    moveWallMs: Math.round(move),
    drainedWallMs: Math.round(drained),
  };
}

function stepLowering(drain: Drain, seen: DrainSight): Drain {
  const { nowMs, wallMs, refusal } = seen;
  if (!drain.isRead) {
    if (nowMs < drain.sinceMs + READ_AFTER_MS) return drain;
    const boundMs = Math.max(drain.boundMs ?? nowMs, longerUntilMs(seen) ?? nowMs);
    return { ...drain, boundMs, isRead: true };
  }
  if (nowMs < (drain.boundMs ?? nowMs) || wallMs < drain.atWallMs) return drain;
  if (refusal === undefined) return entered("moving", drain, seen);
  return drain.held === refusal ? drain : { ...drain, held: refusal };
}

/** When the last copy ends that outlives what is given now; undefined: there is none. */
function longerUntilMs({ copies, nowMs }: DrainSight): number | undefined {
  const longer = copies.filter((copy) => copy.untilMs > nowMs + copy.leastTtlMs + TICK_MS);
  if (longer.length === 0) return undefined;
  return Math.max(...longer.map((copy) => copy.untilMs)) + SLACK_MS;
}

/** So early that the longest copies have ended when it is to move. */
function lowerWallMs({ atWallMs }: Drain, { longestTtlMs }: DrainSight): number {
  return atWallMs - longestTtlMs - SLACK_MS - READ_AFTER_MS;
}

function entered(stage: DrainStage, { atWallMs, isRead }: Drain, { nowMs }: DrainSight): Drain {
  return { stage, atWallMs, sinceMs: nowMs, isRead };
}

/** The zone's own records are answered in the pool's place, and may have the address. */
function withoutPool(drain: Drain, seen: DrainSight): Drain {
  if (drain.stage === "moving" && drain.held === NO_POOL) return drain;
  return { ...entered("moving", drain, seen), held: NO_POOL };
}

const NO_POOL = "no pool has it any more, and the zone's own records may";

function answeredAgain(drain: Drain, seen: DrainSight): Drain {
  return { ...entered("moving", drain, seen), held: "it is answered again: no other is healthy" };
}
