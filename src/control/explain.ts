// The explanation of a pool's answer: what the pure rooms say of it, brought to the wall clock.

import { calendarText } from "../base/calendar.ts";
import { nameToDisplay } from "../dns/name.ts";
import type { MemberView } from "../failover/decision.ts";
import { answerTypeText } from "../failover/family.ts";
import { gatedMembers } from "../failover/gate.ts";
import { outlook } from "../failover/outlook.ts";
import { restraintsOf } from "../failover/restraint.ts";
import { standingOf } from "../failover/standing.ts";
import { accountOf } from "../health/account.ts";
import { observationsOf } from "../health/history.ts";
import type {
  CandidateExplanation,
  FamilyExplanation,
  TargetExplanation,
} from "../view/explanation.ts";
import { memberFacts, type ToWall, type Vantage } from "./member-facts.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";
import { round } from "./target-events.ts";
import type { TargetRuntime } from "./targets.ts";

/** Explains one family of a pool. */
export function explainFamily(
  runtime: PoolRuntime,
  family: FamilyRuntime,
  vantage: Vantage,
): FamilyExplanation {
  const { toWallMs, nowMs } = vantage;
  const { pool } = runtime;
  const { decision } = family;
  const input = runtime.input(family);
  return {
    pool: nameToDisplay(pool.owner),
    type: answerTypeText(family.type),
    policy: pool.policy,
    serving: family.serving ?? [],
    code: decision?.code ?? "",
    reason: decision?.why ?? "",
    sinceWallMs: family.sinceWallMs,
    swap: family.swapId,
    ttlSeconds: family.ttlSeconds,
    ...(decision?.wanted !== undefined && { wanted: decision.wanted }),
    candidates: gatedMembers(input).map((view) => candidateOf(runtime, family, view, vantage)),
    guards: restraintsOf(input).map(({ untilMs, ...restraint }) => {
      return { ...restraint, ...(untilMs !== undefined && { untilWallMs: toWallMs(untilMs) }) };
    }),
    next: outlook(input).map(({ why, ...prospect }) => ({
      ...{ ...prospect, reason: why },
      ...(prospect.cause === "time" && { atWallMs: toWallMs(nowMs + prospect.afterMs) }),
    })),
  };
}

function candidateOf(
  runtime: PoolRuntime,
  family: FamilyRuntime,
  view: MemberView,
  vantage: Vantage,
): CandidateExplanation {
  const { engine, toWallMs, nowMs } = vantage;
  const member = runtime.pool.members.find(({ id }) => id === view.id);
  const { facts, targetIds } = memberFacts(runtime, family, view, vantage);
  return {
    ...facts,
    isServed: family.chosen?.includes(view.id) === true,
    standing: standingOf(view, nowMs),
    ...(view.gate !== undefined && { gate: view.gate }),
    targets: [...new Set([...targetIds, ...(member?.gateTargets ?? [])])]
      .map((id) => engine.targets.get(id))
      .filter((target) => target !== undefined)
      .map((target) => targetOf(target, nowMs, toWallMs)),
  };
}

function targetOf(target: TargetRuntime, nowMs: number, toWallMs: ToWall): TargetExplanation {
  const { health, config } = target;
  const { settings } = config;
  const { nextProbeMs, heldUntilMs, ...account } = accountOf(health, settings, nowMs);
  return {
    target: config.display,
    belief: health.belief,
    reason: health.reason,
    ...account,
    intervalMs: settings.intervalMs,
    ...(settings.schedule !== undefined && { schedule: calendarText(settings.schedule) }),
    timeoutMs: settings.timeoutMs,
    usualMs: round(health.usualMs),
    tripwire: target.tripwire,
    ...(nextProbeMs !== undefined && { nextProbeWallMs: toWallMs(nextProbeMs) }),
    ...(heldUntilMs !== undefined && { heldUntilWallMs: toWallMs(heldUntilMs) }),
    observations: observationsOf(health.history).map((seen) => ({
      endedWallMs: toWallMs(seen.endedMs),
      durationMs: round(seen.endedMs - seen.startedMs),
      code: seen.code,
      isHard: seen.isHard,
      detail: seen.detail,
    })),
  };
}
