// The short way of a step: a target that is up and answers, against which nothing stands. Of ten
// thousand steps a second nearly all are such, and one new state is all that each of them makes.

import { nextTurnMs } from "./breaker.ts";
import { median, withDuration } from "./evidence.ts";
import { withObservation } from "./history.ts";
import { type PlannedProbe, samePlan } from "./plan.ts";
import { lostMs, regular } from "./schedule.ts";
import type { HealthSettings } from "./settings.ts";
import type { HealthInput, HealthStep } from "./step.ts";
import { copyOf, type TargetHealth } from "./target.ts";

/**
 * What `fullStep` would yield, or `undefined` where it has to be asked: for all but
 *
 *   a regular probe that starts while none is under way, at its own moment
 *   the success of the only probe under way
 *
 * of a target that is up, fresh, free of doubt and of failures that any rule counts, and that is
 * neither probed by a calendar nor judged by an error rate.
 */
export function steadyStep(
  state: TargetHealth,
  input: HealthInput,
  settings: HealthSettings,
  nowMs: number,
): HealthStep | undefined {
  if (!isSteady(state, settings, nowMs)) return undefined;
  if (input.kind === "started") return started(state, input, settings, nowMs);
  if (input.kind === "observed") return succeeded(state, input, settings, nowMs);
  return undefined;
}

function isSteady(state: TargetHealth, settings: HealthSettings, nowMs: number): boolean {
  return (
    state.belief === "up" &&
    !state.isStale &&
    state.failures.length === 0 &&
    state.trippedMs === undefined &&
    state.failureCount === 0 &&
    settings.errorRate === undefined &&
    settings.turnMs === undefined &&
    // A target without an observation has no moment at which it grows stale.
    Number.isFinite(state.observedMs) &&
    nowMs < state.observedMs + settings.staleAfterMs
  );
}

function started(
  state: TargetHealth,
  input: HealthInput & { readonly kind: "started" },
  settings: HealthSettings,
  nowMs: number,
): HealthStep | undefined {
  const { probe, startedMs, purpose } = input;
  const isOnlyOne = state.running.length === 0 && state.plan.length === 1;
  if (!isOnlyOne || purpose !== "regular" || state.plan[0]?.purpose !== purpose) return undefined;
  const lastStartMs = Math.max(state.lastStartMs, startedMs);
  const regularMs = nextTurnMs(state, startedMs, settings);
  if (regularMs <= lastStartMs) return undefined;
  const { usualMs, notBeforeMs } = state;
  const plan = [regular({ belief: "up", regularMs, notBeforeMs, usualMs }, settings)];
  const next = copyOf(state);
  next.running = [{ probe, startedMs, purpose, isLate: false }];
  next.lastStartMs = lastStartMs;
  next.regularMs = regularMs;
  next.plan = plan;
  const soonestMs = Math.min(lostMs(startedMs, settings), state.observedMs + settings.staleAfterMs);
  return { state: next, plan, wakeAtMs: Math.max(nowMs, soonestMs) };
}

function succeeded(
  state: TargetHealth,
  input: HealthInput & { readonly kind: "observed" },
  settings: HealthSettings,
  nowMs: number,
): HealthStep | undefined {
  const { observation, probe, jitter } = input;
  const [running] = state.running;
  if (running?.probe !== probe || state.running.length > 1) return undefined;
  if (observation.code !== "ok" || lostMs(running.startedMs, settings) <= nowMs) return undefined;
  if (state.regularMs <= state.lastStartMs) return undefined;
  const { startedMs, endedMs } = observation;
  const observedMs = Math.max(state.observedMs, endedMs);
  const durations = withDuration(state.durations, endedMs - startedMs);
  const usualMs = median(durations);
  const { regularMs, notBeforeMs } = state;
  const due = regular({ belief: "up", regularMs, notBeforeMs, usualMs }, settings);
  const plan = planAs(state.plan, due);
  const next = copyOf(state);
  next.observedMs = observedMs;
  next.lastCode = "ok";
  next.faultRun = 0;
  next.history = withObservation(state.history, observation);
  next.durations = durations;
  next.usualMs = usualMs;
  next.successStartMs = Math.max(state.successStartMs, startedMs);
  next.successRun = state.successRun + 1;
  next.running = NONE;
  next.jitter = jitter;
  next.plan = plan;
  const wakeAtMs = Math.max(nowMs, observedMs + settings.staleAfterMs);
  return samePlan(plan, state.plan) ? { state: next, wakeAtMs } : { state: next, wakeAtMs, plan };
}

const NONE: readonly never[] = [];

/** The plan that holds nothing but `next`: the one there is, where it is no other. */
function planAs(plan: readonly PlannedProbe[], next: PlannedProbe): readonly PlannedProbe[] {
  const [known] = plan;
  const isKnown =
    plan.length === 1 &&
    known?.atMs === next.atMs &&
    known.purpose === next.purpose &&
    known.lateAfterMs === next.lateAfterMs &&
    known.timeoutMs === next.timeoutMs;
  return isKnown ? plan : [next];
}
