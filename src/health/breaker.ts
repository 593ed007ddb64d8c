// The circuit breaker: how often a target is probed by what is believed of it.

import { unreachable } from "../base/assert.ts";
import type { HealthSettings } from "./settings.ts";
import type { TargetHealth } from "./target.ts";

/** Backing off stops here: a target that is down may be needed at any moment. */
const OPEN_INTERVALS_MAX = 2;
/** Full jitter may draw nothing; a target is never probed sooner than this part of its interval. */
const OPEN_INTERVALS_MIN = 0.25;

/** How much more often a target is probed while the second DOWN rule counts a failure of it. */
const WATCHED_FACTOR = 2;

/** A target without fresh belief is first probed within this. */
export const FIRST_PROBE_MS = 500;
/** After a jump of the clock nothing is decided for far longer: a turn within this is soon enough. */
const OWN_TURN_MS = 1000;
/** The second probe comes after this part of an interval at the soonest, after all of it at the latest. */
const SECOND_PROBE_PART = 0.25;
/** A turn that would come sooner than this part of the cadence after a late one is left out. */
const HEELS_PART = 0.5;

/** Where a target's breaker stands. */
export type Breaker = "closed" | "open" | "half-open";

/** The breaker of a target: half-open from its first success on, until it has risen or failed. */
export function breakerOf(state: TargetHealth): Breaker {
  const isRising = state.belief === "down" || (state.belief === "unknown" && state.mustEarnRise);
  if (!isRising) return "closed";
  return state.successRun > 0 ? "half-open" : "open";
}

/**
 * Start to start of the probes that keep a target's cadence, in milliseconds.
 *
 *   closed     interval, with its jitter; half of it while the second DOWN rule counts a failure, so
 *              that it comes to its end, either way, in half the time
 *   open       a random part of interval x 2^failures, from a quarter of it to two intervals: full
 *              jitter, so that what went down together is not asked together
 *   half-open  `recoverMs`, at most the interval: `rise` is earned quickly, the failback hold is
 *              what waits
 */
export function cadenceMs(state: TargetHealth, settings: HealthSettings): number {
  const { intervalMs, jitterFraction, recoverMs } = settings;
  const breaker = breakerOf(state);
  switch (breaker) {
    case "closed":
      return (intervalMs / watchFactor(state)) * (1 + jitterFraction * state.jitter);
    case "open": {
      const mostMs = intervalMs * Math.min(OPEN_INTERVALS_MAX, 2 ** state.openRun);
      const drawnMs = (mostMs * (1 + state.jitter)) / 2;
      return Math.max(intervalMs * OPEN_INTERVALS_MIN, drawnMs);
    }
    case "half-open":
      return Math.min(recoverMs, intervalMs);
    default:
      return unreachable(breaker);
  }
}

/**
 * When the regular probe is due that follows on one started at `startedMs`. A schedule names the
 * turns of all but a half-open breaker: what is probed seldom rises quickly all the same.
 */
export function turnAfterMs(
  state: TargetHealth,
  startedMs: number,
  settings: HealthSettings,
): number {
  const isByCalendar = settings.turnMs !== undefined && breakerOf(state) !== "half-open";
  return isByCalendar ? settings.turnMs : startedMs + cadenceMs(state, settings);
}

/**
 * The turn after a regular one that has started. A target keeps its own moment of the interval, however
 * late its probe starts: else all that a busy prober has held up would be due together from then on.
 */
export function nextTurnMs(
  state: TargetHealth,
  startedMs: number,
  settings: HealthSettings,
): number {
  const isByCalendar = settings.turnMs !== undefined;
  if (isByCalendar || breakerOf(state) !== "closed") return turnAfterMs(state, startedMs, settings);
  if (state.belief === "unknown" && !Number.isFinite(state.lastStartMs)) {
    return startedMs + secondGapMs(state, settings);
  }
  const behindMs = Math.max(0, startedMs - state.regularMs);
  const gapMs = cadenceMs(state, settings);
  // Turns that have passed are left out, and one that would follow on the heels of this one.
  return state.regularMs + Math.ceil(behindMs / gapMs + HEELS_PART) * gapMs;
}

/** The next regular probe of a target that is to be asked afresh: soon, or at once where it is due. */
export function askedAfreshMs(state: TargetHealth, nowMs: number): number {
  return Math.min(state.regularMs, soonMs(state, nowMs));
}

/**
 * The first regular probe after a jump of the clock: soon, and each target's at another moment, so that
 * a jump starts no stampede. A turn of its own that comes nearly as soon is kept: targets that are all
 * probed within half a second once would be from then on.
 */
export function afterJumpMs(state: TargetHealth, settings: HealthSettings, nowMs: number): number {
  const isPaced = settings.turnMs === undefined && breakerOf(state) === "closed";
  if (!isPaced || !Number.isFinite(state.lastStartMs)) return askedAfreshMs(state, nowMs);
  const gapMs = cadenceMs(state, settings);
  const behindMs = Math.max(0, nowMs - state.regularMs);
  const ownMs = state.regularMs + Math.ceil(behindMs / gapMs) * gapMs;
  return ownMs <= nowMs + OWN_TURN_MS ? ownMs : soonMs(state, nowMs);
}

function soonMs(state: TargetHealth, nowMs: number): number {
  return nowMs + Math.abs(state.jitter) * FIRST_PROBE_MS;
}

/** First probes all come within 500 ms, however long the interval is: the second ones spread over it. */
function secondGapMs(state: TargetHealth, { intervalMs }: HealthSettings): number {
  const phase = (1 + state.jitter) / 2;
  const drawnMs = phase * (intervalMs - Math.min(FIRST_PROBE_MS, intervalMs));
  return drawnMs < intervalMs * SECOND_PROBE_PART ? intervalMs - drawnMs : drawnMs;
}

function watchFactor({ failureCount }: TargetHealth): number {
  return failureCount > 0 ? WATCHED_FACTOR : 1;
}
