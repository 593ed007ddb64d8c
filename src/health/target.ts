// What is held about one target: its belief, the evidence for it, and the probes under way.
// Immutable; `step` returns the next one. All times are monotonic milliseconds.

import { EMPTY_HISTORY, type History } from "./history.ts";
import type { ObservationCode } from "./observation.ts";
import type { PlannedProbe, ProbePurpose } from "./plan.ts";

/** What we hold about a target. */
export type Belief = "up" | "down" | "unknown";

/** A probe that has started and has no result yet. */
export interface RunningProbe {
  readonly probe: number;
  readonly startedMs: number;
  readonly purpose: ProbePurpose;
  readonly isLate: boolean;
}

/** A failed probe that no later success has taken back. */
export interface Failure {
  readonly code: ObservationCode;
  readonly isHard: boolean;
  /** It used its whole timeout without an answer. */
  readonly isSilent: boolean;
  readonly endedMs: number;
  /** The moment it speaks of: when it ended if the target answered, when it started if not. */
  readonly signMs: number;
}

/** How one observation ended, for the error rate. */
export interface Outcome {
  readonly atMs: number;
  readonly isFailure: boolean;
}

/** The immutable state of one target. */
export interface TargetHealth {
  readonly belief: Belief;
  /** When the belief became what it is. */
  readonly sinceMs: number;
  /** The evidence in words: "3 failures in a row, connect-refused". */
  readonly reason: string;
  /** The code behind the belief: the last failure's when down, "ok" when up, "none" before any. */
  readonly code: string;
  /** End of the last observation that counted; minus infinity where there was none. */
  readonly observedMs: number;
  /** Code of the last observation that counted. */
  readonly lastCode: string;
  /** Whether no observation has counted for longer than `staleAfterMs`; the belief is held. */
  readonly isStale: boolean;
  /** Whether an unknown target needs `rise` successes, not one: it joined a running pool. */
  readonly mustEarnRise: boolean;
  /** Successes in a row since the belief began or the last failure. */
  readonly successRun: number;
  /** Start of the newest success; minus infinity where there was none. */
  readonly successStartMs: number;
  /** Failures that stand, oldest first: no probe that started after their moment succeeded. */
  readonly failures: readonly Failure[];
  /** When the tripwire closed, while no later success has taken it back. */
  readonly trippedMs: number | undefined;
  /** Of the second DOWN rule: failures counted, and when the first of them showed. */
  readonly failureCount: number;
  readonly failureCountSinceMs: number;
  /** Of the error-rate rule: outcomes within its window, oldest first. */
  readonly outcomes: readonly Outcome[];
  /** Of the breaker: probes that failed in a row while the target is down. */
  readonly openRun: number;
  readonly running: readonly RunningProbe[];
  /** Start of the newest probe of any purpose; minus infinity before the first. */
  readonly lastStartMs: number;
  /** When the next regular (or recover) probe is due. */
  readonly regularMs: number;
  /** No probe starts before this: a pause after a fault of the prober itself. */
  readonly notBeforeMs: number;
  /** Faults of the prober in a row. */
  readonly faultRun: number;
  /** Failures of probes that started before this say nothing: the clock jumped. */
  readonly voidBeforeMs: number;
  /** No down verdict before this: the clock jumped. */
  readonly heldUntilMs: number;
  /** No down verdict before this: the prober may be the one that is cut off. */
  readonly brakedUntilMs: number;
  /** Random part of the next interval, -1 to 1. */
  readonly jitter: number;
  /** Durations of the newest successes, oldest first, at most 9. */
  readonly durations: readonly number[];
  /** Their median: the usual duration; 0 while none is known. */
  readonly usualMs: number;
  readonly history: History;
  /** What the prober was last told and has not started. */
  readonly plan: readonly PlannedProbe[];
}

/** A state that nobody has seen yet. */
type FreshHealth = { -readonly [Field in keyof TargetHealth]: TargetHealth[Field] };

/**
 * A copy to be changed before anybody sees it. Ten thousand targets are stepped twice a second: naming
 * every field makes one object of the right size, where a spread with changes makes one that grows,
 * four times as much to collect.
 */
export function copyOf(state: TargetHealth): FreshHealth {
  return {
    belief: state.belief,
    sinceMs: state.sinceMs,
    reason: state.reason,
    code: state.code,
    observedMs: state.observedMs,
    lastCode: state.lastCode,
    isStale: state.isStale,
    mustEarnRise: state.mustEarnRise,
    successRun: state.successRun,
    successStartMs: state.successStartMs,
    failures: state.failures,
    trippedMs: state.trippedMs,
    failureCount: state.failureCount,
    failureCountSinceMs: state.failureCountSinceMs,
    outcomes: state.outcomes,
    openRun: state.openRun,
    running: state.running,
    lastStartMs: state.lastStartMs,
    regularMs: state.regularMs,
    notBeforeMs: state.notBeforeMs,
    faultRun: state.faultRun,
    voidBeforeMs: state.voidBeforeMs,
    heldUntilMs: state.heldUntilMs,
    brakedUntilMs: state.brakedUntilMs,
    jitter: state.jitter,
    durations: state.durations,
    usualMs: state.usualMs,
    history: state.history,
    plan: state.plan,
  };
}

/** A belief from the store, its wall times already brought to the monotonic clock. */
export interface RememberedBelief {
  readonly belief: Belief;
  readonly sinceMs: number;
  readonly observedMs: number;
  readonly code: string;
}

/**
 * A target that was never probed, or one that a restart remembers. A remembered belief counts until
 * it is stale, which `begin` decides.
 *
 * @param options.mustEarnRise the target joins a pool that already runs.
 */
export function newTarget(
  nowMs: number,
  stored?: RememberedBelief,
  options?: { readonly mustEarnRise?: boolean },
): TargetHealth {
  const isKnown = stored !== undefined && stored.belief !== "unknown";
  return {
    belief: isKnown ? stored.belief : "unknown",
    sinceMs: isKnown ? stored.sinceMs : nowMs,
    reason: isKnown ? `remembered from before the start, ${stored.code}` : "not probed yet",
    code: isKnown ? stored.code : "none",
    observedMs: isKnown ? stored.observedMs : Number.NEGATIVE_INFINITY,
    lastCode: "none",
    isStale: false,
    mustEarnRise: options?.mustEarnRise === true && !isKnown,
    successRun: 0,
    successStartMs: Number.NEGATIVE_INFINITY,
    failures: [],
    trippedMs: undefined,
    failureCount: 0,
    failureCountSinceMs: nowMs,
    outcomes: [],
    openRun: 0,
    running: [],
    lastStartMs: Number.NEGATIVE_INFINITY,
    regularMs: nowMs,
    notBeforeMs: Number.NEGATIVE_INFINITY,
    faultRun: 0,
    voidBeforeMs: Number.NEGATIVE_INFINITY,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    brakedUntilMs: Number.NEGATIVE_INFINITY,
    jitter: 0,
    durations: [],
    usualMs: 0,
    history: EMPTY_HISTORY,
    plan: [],
  };
}

/** Before this moment no target is believed down, whatever stands against it. */
export function noVerdictBeforeMs(state: TargetHealth): number {
  return Math.max(state.heldUntilMs, state.brakedUntilMs);
}

/** When the doubt that is open now first showed, or `undefined` where nothing stands against it. */
export function firstFaultMs(state: TargetHealth): number | undefined {
  const signs = state.failures.map((failure) => failure.signMs);
  if (state.trippedMs !== undefined) signs.push(state.trippedMs);
  for (const probe of state.running)
    if (isDoubtfullyLate(state, probe)) signs.push(probe.startedMs);
  return signs.length === 0 ? undefined : Math.min(...signs);
}

/**
 * Whether a running probe is late and no probe that started with it or after it has succeeded. A
 * late confirm probe opens no doubt of its own: else a target that turned slow would be asked again
 * and again, just when it has the least to spare.
 */
function isDoubtfullyLate(state: TargetHealth, probe: RunningProbe): boolean {
  return probe.isLate && probe.purpose !== "confirm" && isFresh(state, probe.startedMs);
}

/** Whether a sign of this moment counts: it is newer than every success and the last clock jump. */
export function isFresh(state: TargetHealth, signMs: number): boolean {
  return signMs > state.successStartMs && signMs >= state.voidBeforeMs;
}
