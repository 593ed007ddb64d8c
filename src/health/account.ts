// Where a target stands against its thresholds: how much of each rule is met, for people who ask.

import { formatDuration } from "../base/duration.ts";
import { type Breaker, breakerOf } from "./breaker.ts";
import type { HealthSettings } from "./settings.ts";
import type { TargetHealth } from "./target.ts";

/** One rule that could change the belief, and how much of what it asks for is there. */
export interface RuleAccount {
  readonly rule: "fall" | "failures" | "error-rate" | "rise";
  readonly counted: number;
  readonly needed: number;
  /** What is counted: "failures in a row". */
  readonly of: string;
}

/** A target's account. */
export interface TargetAccount {
  readonly breaker: Breaker;
  /** The rules that apply to its belief: the DOWN rules, the UP rule, or both while it is unknown. */
  readonly rules: readonly RuleAccount[];
  /** When its next probe starts, monotonic milliseconds; absent while one runs and none is planned. */
  readonly nextProbeMs?: number;
  /** Probes under way. */
  readonly running: number;
  /** No DOWN verdict before this: the clock jumped, or the prober may be the one that is cut off. */
  readonly heldUntilMs?: number;
}

/** The account of a target at a moment. */
export function accountOf(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): TargetAccount {
  const starts = state.plan.map((probe) => probe.atMs);
  return {
    breaker: breakerOf(state),
    rules: [
      ...(state.belief === "down" ? [] : downRules(state, settings)),
      ...(state.belief === "up" ? [] : [riseRule(state, settings)]),
    ],
    ...(starts.length > 0 && { nextProbeMs: Math.max(nowMs, Math.min(...starts)) }),
    running: state.running.length,
    ...(state.heldUntilMs > nowMs && { heldUntilMs: state.heldUntilMs }),
  };
}

function downRules(state: TargetHealth, settings: HealthSettings): readonly RuleAccount[] {
  const { fall, failuresMax, cleanRun, errorRate } = settings;
  const rules: RuleAccount[] = [
    { rule: "fall", counted: state.failures.length, needed: fall, of: "failures in a row" },
  ];
  // The others apply to a target that is up: an unknown one has only just been met.
  if (state.belief !== "up") return rules;
  const between = `failures without ${cleanRun} successes in a row between them`;
  const { failureCount } = state;
  rules.push({ rule: "failures", counted: failureCount, needed: failuresMax, of: between });
  if (errorRate === undefined) return rules;
  const counted = state.outcomes.filter((outcome) => outcome.isFailure).length;
  const total = Math.max(state.outcomes.length, errorRate.samplesMin);
  const needed = Math.floor(errorRate.fraction * total) + 1;
  const of = `failures of ${total} within ${formatDuration(errorRate.windowMs)}`;
  rules.push({ rule: "error-rate", counted, needed, of });
  return rules;
}

function riseRule(state: TargetHealth, { rise }: HealthSettings): RuleAccount {
  const needed = state.belief === "down" || state.mustEarnRise ? rise : 1;
  return { rule: "rise", counted: state.successRun, needed, of: "successes in a row" };
}
