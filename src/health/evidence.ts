// What observations prove: which failures stand, which successes take them back, and when the
// DOWN rules or the UP rule are met. Plans and timers are not its business.

import { formatDuration } from "../base/duration.ts";
import { withObservation } from "./history.ts";
import { isSilence, type Observation } from "./observation.ts";
import type { HealthSettings } from "./settings.ts";
import { silentAfterMs } from "./settings.ts";
import {
  type Failure,
  firstFaultMs,
  isFresh,
  noVerdictBeforeMs,
  type TargetHealth,
} from "./target.ts";

/** Failures kept as standing; older ones can no longer change a verdict. */
const FAILURES_MAX = 32;
/** Outcomes kept for the error rate: ten minutes at one probe a second. */
const OUTCOMES_MAX = 600;
/** Successes the usual duration is the median of. */
const DURATIONS_MAX = 9;

/** Why a belief changes, with its evidence. */
export interface Verdict {
  readonly to: "up" | "down";
  readonly code: string;
  readonly reason: string;
  /** Whether the target's own host reported every failure. */
  readonly isHard: boolean;
  readonly failures: number;
  readonly firstFaultMs: number | undefined;
}

/**
 * Takes an observation of the target into its evidence.
 *
 * Every sign has one moment, and a later success takes an earlier sign back:
 *
 *   sign                                   its moment
 *   late, or timed out without an answer   when the probe started: nothing was heard since
 *   refused, reset, wrong answer           when the probe ended: the target said so then
 *   tripwire closed                        when it closed
 *   success                                when the probe started
 *
 *   success at or after the sign           the sign is taken back
 *   sign after the newest success          it stands: it opens a doubt, or adds to it
 *   sign at or before the newest success   old news: counted by the second DOWN rule only
 *
 * So a late probe that answers after all ends its own doubt, a connection answered by a process on
 * its way out does not hide the refusal seen meanwhile, and probes may finish in any order.
 */
export function weigh(
  state: TargetHealth,
  observation: Observation,
  settings: HealthSettings,
): TargetHealth {
  const seen: TargetHealth = {
    ...state,
    observedMs: Math.max(state.observedMs, observation.endedMs),
    lastCode: observation.code,
    isStale: false,
    faultRun: 0,
    history: withObservation(state.history, observation),
  };
  if (observation.code === "ok") return weighSuccess(seen, observation, settings);
  if (observation.startedMs < state.voidBeforeMs) return seen;
  return weighFailure(seen, observation, settings);
}

function weighSuccess(
  state: TargetHealth,
  observation: Observation,
  settings: HealthSettings,
): TargetHealth {
  const { startedMs, endedMs } = observation;
  const durations = withDuration(state.durations, endedMs - startedMs);
  const successStartMs = Math.max(state.successStartMs, startedMs);
  // A success that began before the target was found down says nothing about its recovery.
  const isEarned = state.belief !== "down" || startedMs >= state.sinceMs;
  const successRun = isEarned ? state.successRun + 1 : state.successRun;
  const isTripOver = state.trippedMs !== undefined && state.trippedMs <= startedMs;
  return {
    ...state,
    durations,
    usualMs: median(durations),
    successStartMs,
    successRun,
    failures: state.failures.filter((failure) => failure.signMs > startedMs),
    trippedMs: isTripOver ? undefined : state.trippedMs,
    failureCount: successRun >= settings.cleanRun ? 0 : state.failureCount,
    outcomes: withOutcome(state, observation, settings),
  };
}

function weighFailure(
  state: TargetHealth,
  observation: Observation,
  settings: HealthSettings,
): TargetHealth {
  const isSilent = isSilence(observation);
  const failure: Failure = {
    code: observation.code,
    isHard: observation.isHard,
    isSilent,
    endedMs: observation.endedMs,
    signMs: isSilent ? observation.startedMs : observation.endedMs,
  };
  if (state.belief === "down") {
    if (observation.startedMs < state.sinceMs) return state;
    return { ...state, successRun: 0, openRun: state.openRun + 1 };
  }
  const stands = isFresh(state, failure.signMs);
  const failures = stands ? [...state.failures, failure].slice(-FAILURES_MAX) : state.failures;
  const next = { ...state, failures, successRun: 0 };
  const isInGrace = failure.isHard && !hasOutlastedGrace(next, settings);
  if (isInGrace) return next;
  const isFirst = state.failureCount === 0;
  return {
    ...next,
    failureCount: state.failureCount + 1,
    failureCountSinceMs: isFirst ? failure.signMs : state.failureCountSinceMs,
    outcomes: withOutcome(state, observation, settings),
  };
}

/** Whether hard failures may be believed: they have lasted `restartGraceMs`. */
function hasOutlastedGrace(state: TargetHealth, settings: HealthSettings): boolean {
  if (settings.restartGraceMs === 0) return true;
  const startMs = graceStartMs(state);
  const last = state.failures.at(-1);
  if (startMs === undefined || last === undefined) return false;
  return last.endedMs >= startMs + settings.restartGraceMs;
}

/** The moment the restart grace counts from: the first standing hard failure. */
export function graceStartMs(state: TargetHealth): number | undefined {
  return state.failures.find((failure) => failure.isHard)?.endedMs;
}

/** Whether something stands against a target that is not believed down. */
export function isInDoubt(state: TargetHealth): boolean {
  return state.belief !== "down" && firstFaultMs(state) !== undefined;
}

/**
 * What the evidence proves at `nowMs`, if it proves a change.
 *
 *   belief       proof                                                     becomes
 *   unknown      1 success (`rise` where it must be earned)                up
 *   down         `rise` successes in a row, begun after it went down       up
 *   up, unknown  `fall` failures standing, silent probes counted           down
 *   up           `failuresMax` failures, never `cleanRun` successes        down
 *                in a row between them
 *   up           more failures lately than `errorRate` allows              down
 *   up, unknown  any, while held after a clock jump or by the brake        (as it is)
 */
export function verdict(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): Verdict | undefined {
  if (state.belief !== "up") {
    const needed = state.belief === "down" || state.mustEarnRise ? settings.rise : 1;
    if (state.successRun >= needed) return upVerdict(state.successRun);
    if (state.belief === "down") return undefined;
  }
  if (nowMs < noVerdictBeforeMs(state)) return undefined;
  return (
    fallVerdict(state, settings, nowMs) ??
    countVerdict(state, settings) ??
    rateVerdict(state, settings)
  );
}

function upVerdict(successes: number): Verdict {
  const reason = successes === 1 ? "a probe succeeded" : `${successes} successes in a row`;
  return { to: "up", code: "ok", reason, isHard: false, failures: 0, firstFaultMs: undefined };
}

function fallVerdict(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): Verdict | undefined {
  const isGraceOver = hasOutlastedGrace(state, settings);
  const believed = state.failures.filter((failure) => isGraceOver || !failure.isHard);
  const silent = silentProbes(state, settings, nowMs);
  const failures = believed.length + silent;
  const last = believed.at(-1);
  if (last === undefined || failures < settings.fall) return undefined;
  const beside = silent === 0 ? "" : `, ${silent} of them still silent`;
  const counted = failures === 1 ? "1 failure" : `${failures} failures in a row`;
  return {
    to: "down",
    code: last.code,
    reason: `${counted}${beside}, ${last.code}`,
    isHard: believed.every((failure) => failure.isHard) && silent === 0,
    failures,
    firstFaultMs: firstFaultMs(state),
  };
}

function countVerdict(state: TargetHealth, settings: HealthSettings): Verdict | undefined {
  if (state.belief !== "up" || state.failureCount < settings.failuresMax) return undefined;
  return {
    to: "down",
    code: state.lastCode,
    reason:
      `${state.failureCount} failures without ${settings.cleanRun} successes in a row ` +
      `between them, last ${state.lastCode}`,
    isHard: false,
    failures: state.failureCount,
    firstFaultMs: state.failureCountSinceMs,
  };
}

function rateVerdict(state: TargetHealth, settings: HealthSettings): Verdict | undefined {
  const { errorRate } = settings;
  if (errorRate === undefined || state.belief !== "up") return undefined;
  const { length: total } = state.outcomes;
  const failed = state.outcomes.filter((outcome) => outcome.isFailure);
  const isExceeded = failed.length > errorRate.fraction * total;
  if (total < errorRate.samplesMin || !isExceeded || state.lastCode === "ok") return undefined;
  const window = formatDuration(errorRate.windowMs);
  return {
    to: "down",
    code: state.lastCode,
    reason: `${failed.length} of ${total} failed within ${window}, last ${state.lastCode}`,
    isHard: false,
    failures: failed.length,
    firstFaultMs: failed[0]?.atMs,
  };
}

function withOutcome(
  state: TargetHealth,
  observation: Observation,
  settings: HealthSettings,
): TargetHealth["outcomes"] {
  const { errorRate } = settings;
  if (errorRate === undefined) return state.outcomes;
  const sinceMs = observation.endedMs - errorRate.windowMs;
  const recent = state.outcomes.filter((outcome) => outcome.atMs > sinceMs);
  const outcome = { atMs: observation.endedMs, isFailure: observation.code !== "ok" };
  return [...recent, outcome].slice(-OUTCOMES_MAX);
}

/** Running probes that count as failed: long silent, beside one that has used its whole timeout. */
function silentProbes(state: TargetHealth, settings: HealthSettings, nowMs: number): number {
  if (!state.failures.some((failure) => failure.isSilent)) return 0;
  const silentMs = silentAfterMs(state.usualMs, settings);
  return state.running.filter(
    (probe) => isFresh(state, probe.startedMs) && probe.startedMs + silentMs <= nowMs,
  ).length;
}

/** When a running probe will next begin to count as silent, if silence can count by then. */
export function nextSilenceMs(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): number | undefined {
  if (!state.failures.some((failure) => failure.isSilent)) return undefined;
  const moments = state.running
    .filter((probe) => isFresh(state, probe.startedMs))
    .map((probe) => probe.startedMs + silentAfterMs(state.usualMs, settings))
    .filter((atMs) => atMs > nowMs);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** The newest durations, with one more. */
export function withDuration(durations: readonly number[], durationMs: number): readonly number[] {
  if (durations.length < DURATIONS_MAX) return durations.concat(durationMs);
  // A copy of the right size: one that is pushed to grows by sixteen places.
  const kept = durations.slice();
  kept.copyWithin(0, 1);
  kept[kept.length - 1] = durationMs;
  return kept;
}

/**
 * The middle one of a few values, 0 where there are none. Counting costs less than to sort a copy, and
 * an index less than an iterator, whose every value is an object: this is done for each probe.
 */
export function median(values: readonly number[]): number {
  const { length } = values;
  const middle = Math.floor(length / 2);
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    let less = 0;
    let notMore = 0;
    for (let j = 0; j < length; j++) {
      const other = values[j] as number;
      if (other < value) less++;
      if (other <= value) notMore++;
    }
    if (less <= middle && middle < notMore) return value;
  }
  return 0;
}
