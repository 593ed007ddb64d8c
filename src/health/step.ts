// One step of a target's health: what has happened goes in, the next state, the change of belief
// and the probes to make come out. No clock, no randomness: both are arguments.

import { unreachable } from "../base/assert.ts";
import {
  afterJumpMs,
  askedAfreshMs,
  breakerOf,
  FIRST_PROBE_MS,
  nextTurnMs,
  turnAfterMs,
} from "./breaker.ts";
import { isInDoubt, type Verdict, verdict, weigh } from "./evidence.ts";
import { isProberFault, type Observation } from "./observation.ts";
import { type PlannedProbe, type ProbePurpose, samePlan } from "./plan.ts";
import { lostMs, planFor, wakeFor } from "./schedule.ts";
import type { HealthSettings } from "./settings.ts";
import { steadyStep } from "./steady.ts";
import type { Belief, RunningProbe, TargetHealth } from "./target.ts";

/** Pause after a fault of the prober itself; doubled each time, at most one interval. */
const PROBER_RETRY_MS = 1000;
/** Start to start of probes that somebody asks for. */
const ASKED_GAP_MS = 100;
/** Probes under way that are kept; a prober never comes near it. */
const RUNNING_MAX = 64;

/** What has happened to one target. Times are monotonic milliseconds. */
export type HealthInput =
  /** Probing starts (again). `phase`, 0 to 1, spreads the first probes of many targets. */
  | { readonly kind: "begin"; readonly phase: number }
  | {
      readonly kind: "started";
      readonly probe: number;
      readonly startedMs: number;
      readonly purpose: ProbePurpose;
    }
  | { readonly kind: "late"; readonly probe: number }
  /** `jitter`, -1 to 1, is drawn anew for each observation. */
  | {
      readonly kind: "observed";
      readonly probe: number;
      readonly observation: Observation;
      readonly jitter: number;
    }
  /** The other side closed or reset the idle connection: a first sign, itself no failure. */
  | { readonly kind: "tripped" }
  /** The thresholds or the cadence were edited: `settings` are the new ones from this step on. */
  | { readonly kind: "configured" }
  /** The `wakeAtMs` of the last step has come. */
  | { readonly kind: "wake" }
  /** The clock jumped or the loop stalled: watch, do not act, until then. */
  | { readonly kind: "hold"; readonly untilMs: number }
  /** The prober may be cut off: what is seen is kept, and nothing believed down until then. */
  | { readonly kind: "brake"; readonly untilMs: number }
  /** It was the prober, and no longer is: what failed meanwhile says nothing of the target. */
  | { readonly kind: "release" }
  /** Somebody wants to know now: the next regular probe starts as soon as it may. */
  | { readonly kind: "asked" };

/** A belief that changed, with its evidence. */
export interface BeliefChange extends Verdict {
  readonly from: Belief;
}

/** What one step yields. */
export interface HealthStep {
  readonly state: TargetHealth;
  readonly change?: BeliefChange;
  /** Present: replaces every probe of the target that is planned and has not started. */
  readonly plan?: readonly PlannedProbe[];
  /** When to give `wake`, if nothing else happens before; replaces the step's before. */
  readonly wakeAtMs?: number;
  /** Set once when no observation has counted for longer than `staleAfterMs`; the belief is held. */
  readonly staleForMs?: number;
}

/** Takes one input into a target's health. Deterministic and total. */
export function step(
  state: TargetHealth,
  input: HealthInput,
  settings: HealthSettings,
  nowMs: number,
): HealthStep {
  return steadyStep(state, input, settings, nowMs) ?? fullStep(state, input, settings, nowMs);
}

/** A step by all rules: what `step` yields, in any case. */
export function fullStep(
  state: TargetHealth,
  input: HealthInput,
  settings: HealthSettings,
  nowMs: number,
): HealthStep {
  const taken = take(withoutLost(state, settings, nowMs), input, settings, nowMs);
  const proof = verdict(taken, settings, nowMs);
  const judged = proof === undefined ? taken : believing(taken, proof, nowMs);
  const isGrowingStale = !judged.isStale && isOld(judged, settings, nowMs);
  const settled = withCadence({ ...judged, isStale: judged.isStale || isGrowingStale }, settings);
  const plan = planFor(settled, settings, nowMs);
  const wakeAtMs = wakeFor(settled, settings, nowMs);
  return {
    state: { ...settled, plan },
    ...(proof !== undefined && { change: { ...proof, from: taken.belief } }),
    ...(!samePlan(plan, settled.plan) && { plan }),
    ...(wakeAtMs !== undefined && { wakeAtMs }),
    ...(isGrowingStale && { staleForMs: nowMs - settled.observedMs }),
  };
}

function take(
  state: TargetHealth,
  input: HealthInput,
  settings: HealthSettings,
  nowMs: number,
): TargetHealth {
  switch (input.kind) {
    case "begin":
      return begun(state, input.phase, settings, nowMs);
    case "started":
      return started(state, input, settings);
    case "late":
      return { ...state, running: state.running.map((probe) => asLate(probe, input.probe)) };
    case "observed":
      return observed(state, input, settings, nowMs);
    case "tripped":
      return state.belief === "up" ? { ...state, trippedMs: state.trippedMs ?? nowMs } : state;
    case "configured":
      return configured(state, settings, nowMs);
    case "wake":
      return state;
    case "hold":
      return held(state, input.untilMs, settings, nowMs);
    case "brake":
      return { ...state, brakedUntilMs: input.untilMs };
    case "release":
      return released(state, settings, nowMs);
    case "asked": {
      const soonMs = Math.max(nowMs, state.lastStartMs + ASKED_GAP_MS);
      return { ...state, regularMs: Math.min(state.regularMs, soonMs) };
    }
    default:
      return unreachable(input);
  }
}

/** A stale memory is no belief; a fresh one waits for its turn in the interval. */
function begun(
  state: TargetHealth,
  phase: number,
  settings: HealthSettings,
  nowMs: number,
): TargetHealth {
  const isFresh = nowMs < state.observedMs + settings.staleAfterMs;
  const withinMs = isFresh ? settings.intervalMs : Math.min(FIRST_PROBE_MS, settings.intervalMs);
  const turnMs = isFresh ? settings.turnMs : undefined;
  const regularMs = turnMs ?? nowMs + phase * withinMs;
  const next = { ...state, regularMs, jitter: 2 * phase - 1 };
  if (isFresh || state.belief === "unknown") return next;
  return {
    ...next,
    belief: "unknown",
    sinceMs: nowMs,
    reason: `was ${state.belief}, but that is too old to count`,
    code: "none",
    observedMs: Number.NEGATIVE_INFINITY,
  };
}

/**
 * Under a shorter interval the next probe is due sooner, each target at its own moment; and what was
 * fresh under the longer one is not stale before that probe has had its time.
 */
function configured(state: TargetHealth, settings: HealthSettings, nowMs: number): TargetHealth {
  const soonMs = nowMs + Math.abs(state.jitter) * Math.min(FIRST_PROBE_MS, settings.intervalMs);
  const dueMs = Math.max(soonMs, turnAfterMs(state, state.lastStartMs, settings));
  const { staleAfterMs, intervalMs } = settings;
  const leastMs = nowMs - staleAfterMs + intervalMs + settings.timeoutMs;
  const isKept = !state.isStale && Number.isFinite(state.observedMs);
  return {
    ...state,
    regularMs: settings.turnMs === undefined ? Math.min(state.regularMs, dueMs) : dueMs,
    observedMs: isKept ? Math.max(state.observedMs, leastMs) : state.observedMs,
  };
}

function started(
  state: TargetHealth,
  input: HealthInput & { readonly kind: "started" },
  settings: HealthSettings,
): TargetHealth {
  const { probe, startedMs, purpose } = input;
  const running = [...state.running, { probe, startedMs, purpose, isLate: false }];
  const at = state.plan.findIndex((planned) => planned.purpose === purpose);
  const isRegular = purpose !== "confirm";
  return {
    ...state,
    running: running.slice(-RUNNING_MAX),
    lastStartMs: Math.max(state.lastStartMs, startedMs),
    regularMs: isRegular ? nextTurnMs(state, startedMs, settings) : state.regularMs,
    plan: at < 0 ? state.plan : state.plan.toSpliced(at, 1),
  };
}

function asLate(running: RunningProbe, probe: number): RunningProbe {
  return running.probe === probe ? { ...running, isLate: true } : running;
}

function observed(
  state: TargetHealth,
  input: HealthInput & { readonly kind: "observed" },
  settings: HealthSettings,
  nowMs: number,
): TargetHealth {
  const running = state.running.filter((probe) => probe.probe !== input.probe);
  const next = { ...state, running, jitter: input.jitter };
  if (isProberFault(input.observation)) return pausing(next, settings, nowMs);
  const weighed = weigh(next, input.observation, settings);
  // A breaker that is not closed is paced by what the last probe found, not by when it started.
  const isPaced = breakerOf(weighed) !== "closed" && input.observation.startedMs >= state.sinceMs;
  if (!isPaced) return weighed;
  const regularMs = turnAfterMs(weighed, input.observation.startedMs, settings);
  return { ...weighed, regularMs: Math.max(nowMs, regularMs) };
}

/** The prober failed, not the target: nothing is learned, and it is tried again soon. */
function pausing(state: TargetHealth, settings: HealthSettings, nowMs: number): TargetHealth {
  const pauseMs = Math.min(PROBER_RETRY_MS * 2 ** state.faultRun, settings.intervalMs);
  const notBeforeMs = nowMs + pauseMs;
  const regularMs = Math.min(state.regularMs, notBeforeMs);
  return { ...state, notBeforeMs, regularMs, faultRun: state.faultRun + 1 };
}

/** Forgets the doubt that runs; what probes under way report as failed will say nothing. */
function held(
  state: TargetHealth,
  untilMs: number,
  settings: HealthSettings,
  nowMs: number,
): TargetHealth {
  return {
    ...state,
    running: [],
    failures: [],
    trippedMs: undefined,
    voidBeforeMs: nowMs,
    heldUntilMs: Math.max(state.heldUntilMs, untilMs),
    regularMs: afterJumpMs(state, settings, nowMs),
  };
}

/** Failures under the brake were counted; now that they say nothing, they are not. */
function released(state: TargetHealth, settings: HealthSettings, nowMs: number): TargetHealth {
  const brakedUntilMs = Number.NEGATIVE_INFINITY;
  return {
    ...held(state, nowMs, settings, nowMs),
    // Verdicts have waited, and wait for nothing now.
    regularMs: askedAfreshMs(state, nowMs),
    brakedUntilMs,
    failureCount: 0,
    outcomes: [],
  };
}

/** A probe that the prober never reported on is forgotten like a fault of its own. */
function withoutLost(state: TargetHealth, settings: HealthSettings, nowMs: number): TargetHealth {
  const running = state.running.filter((probe) => lostMs(probe.startedMs, settings) > nowMs);
  if (running.length === state.running.length) return state;
  return pausing({ ...state, running }, settings, nowMs);
}

function believing(state: TargetHealth, proof: Verdict, nowMs: number): TargetHealth {
  return {
    ...state,
    belief: proof.to,
    sinceMs: nowMs,
    reason: proof.reason,
    code: proof.code,
    mustEarnRise: false,
    failureCount: 0,
    outcomes: [],
    openRun: 0,
    successRun: proof.to === "up" ? state.successRun : 0,
    failures: proof.to === "up" ? state.failures : [],
    trippedMs: undefined,
  };
}

/** A regular probe whose turn passed while confirm probes ran waits an interval from the last one. */
function withCadence(state: TargetHealth, settings: HealthSettings): TargetHealth {
  if (isInDoubt(state) || state.regularMs > state.lastStartMs) return state;
  return { ...state, regularMs: turnAfterMs(state, state.lastStartMs, settings) };
}

/** Whether the last observation that counted is too old; never so for a target without one. */
function isOld(state: TargetHealth, settings: HealthSettings, nowMs: number): boolean {
  return Number.isFinite(state.observedMs) && nowMs >= state.observedMs + settings.staleAfterMs;
}
