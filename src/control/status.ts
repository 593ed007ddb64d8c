// The status report: what is served, what is believed, and why, as plain data.

import { calendarText } from "../base/calendar.ts";
import type { Clock } from "../base/clock.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import type { MemberView } from "../failover/decision.ts";
import { answerTypeText } from "../failover/family.ts";
import { weightOf } from "../failover/shares.ts";
import { BRAKE_MAX_MS } from "../health/brake.ts";
import type {
  MemberStatus,
  PoolStatus,
  StatusReport,
  TargetStatus,
  ZoneStatus,
} from "../view/status.ts";
import type { ProcessStatus } from "./controller.ts";
import type { Engine } from "./engine.ts";
import { type DrainsTold, memberFacts, type ToWall, type Vantage } from "./member-facts.ts";
import type { Others } from "./others.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";
import type { Propagations } from "./propagations.ts";
import type { Publisher } from "./publisher.ts";
import type { StoreWriter } from "./store-writer.ts";
import type { TargetRuntime } from "./targets.ts";

/** Builds the report from what control holds; before the start has ended, lists are empty. */
export function statusOf(sources: {
  readonly process: ProcessStatus;
  readonly nowWallMs: number;
  readonly nowMs: number;
  readonly publisher: Publisher | undefined;
  readonly engine: Engine | undefined;
  readonly drains: DrainsTold | undefined;
  readonly writer: StoreWriter;
  readonly others: Others;
  readonly propagations: Pick<Propagations, "status"> | undefined;
}): StatusReport {
  const { storePath, ...process } = sources.process;
  const toWallMs: ToWall = (monotonicMs) =>
    Math.round(monotonicMs - sources.nowMs + sources.nowWallMs);
  const { engine, drains, nowMs } = sources;
  const resolvers = sources.others.watching?.status(toWallMs) ?? [];
  return {
    ...process,
    nowWallMs: sources.nowWallMs,
    store: {
      path: storePath,
      state: sources.writer.isFailing ? "failing" : "ok",
      waiting: sources.writer.waiting,
    },
    ...brakeOf(engine, toWallMs),
    ...faultOf(engine, toWallMs),
    ...(resolvers.length > 0 && { resolvers }),
    ...(sources.propagations !== undefined && { spread: sources.propagations.status() }),
    zones: zonesOf(sources.publisher, sources.others, toWallMs),
    pools: engine === undefined ? [] : poolsAt({ engine, drains, nowMs, toWallMs }),
    targets: [...(engine?.targets.values() ?? [])].map((target) => targetOf(target, toWallMs)),
  };
}

/** Every family of every pool. */
export function poolsOf(engine: Engine, time: Clock): PoolStatus[] {
  const nowMs = time.nowMs();
  const aheadMs = time.wallMs() - nowMs;
  const toWallMs: ToWall = (ms) => Math.round(ms + aheadMs);
  return poolsAt({ engine, drains: undefined, nowMs, toWallMs });
}

function poolsAt(vantage: Vantage): PoolStatus[] {
  return [...vantage.engine.pools.values()].flatMap((pool) =>
    [...pool.families.values()].map((family) => poolOf(pool, family, vantage)),
  );
}

/** The brake while it holds, and the anchors where there are some. */
export function brakeOf(
  engine: Engine | undefined,
  toWallMs: ToWall,
): Pick<StatusReport, "brake" | "anchors"> {
  const holding = engine?.braking.holding;
  const anchors = engine?.anchors.all ?? [];
  if (anchors.length === 0) return {};
  return {
    ...(holding !== undefined && {
      brake: {
        reason: holding.why,
        sinceWallMs: toWallMs(holding.sinceMs),
        untilWallMs: toWallMs(holding.sinceMs + BRAKE_MAX_MS),
      },
    }),
    anchors: anchors.map(({ config, health }) => ({
      anchor: config.display,
      belief: health.belief,
      sinceWallMs: toWallMs(health.sinceMs),
      reason: health.reason,
    })),
  };
}

function faultOf(engine: Engine | undefined, toWallMs: ToWall): Pick<StatusReport, "fault"> {
  const fault = engine?.proberFault;
  if (fault === undefined) return {};
  return { fault: { sinceWallMs: toWallMs(fault.sinceMs), detail: fault.detail } };
}

/** Every zone that is served, and those that are to be copied and were not yet. */
export function zonesOf(
  publisher: Publisher | undefined,
  beside?: Pick<Others, "primaries" | "secondaries" | "delegations">,
  toWallMs: ToWall = (monotonicMs) => monotonicMs,
): ZoneStatus[] {
  const primary = (origin: Name): Pick<ZoneStatus, "primary"> => {
    const status = beside?.primaries?.status(origin, toWallMs);
    return status === undefined ? {} : { primary: status };
  };
  const empty = (beside?.primaries?.empty ?? []).map((origin) => ({
    ...{ zone: nameToDisplay(origin), serial: 0, records: 0, source: "primary" },
    ...{ publishedWallMs: 0, rejected: [], ...primary(origin) },
  }));
  const served = [...(publisher?.zones.values() ?? [])].map((served) => {
    const others = beside?.secondaries?.status(served.origin) ?? [];
    const delegation = beside?.delegations?.status(served.origin, toWallMs);
    return {
      zone: served.display,
      serial: served.serial,
      records: served.zone.recordCount,
      source: served.source,
      publishedWallMs: served.publishedWallMs,
      rejected: served.rejected,
      ...primary(served.origin),
      ...(delegation !== undefined && { delegation }),
      ...(others.length > 0 && { secondaries: others }),
    };
  });
  return [...served, ...empty];
}

function poolOf(runtime: PoolRuntime, family: FamilyRuntime, vantage: Vantage): PoolStatus {
  const { pool } = runtime;
  const { decision } = family;
  const wakeAtMs = decision?.wakeAtMs;
  const mode = pool.mode === "auto" ? undefined : pool.mode;
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
    isFailOpen: decision?.isFailOpen ?? false,
    ...(mode !== undefined && { mode }),
    ...(decision?.wanted !== undefined && { wanted: decision.wanted }),
    ...(pool.rtoMs !== undefined && { rtoMs: pool.rtoMs }),
    ...(wakeAtMs !== undefined && { nextWallMs: vantage.toWallMs(wakeAtMs) }),
    members: runtime.views(family.family).map((view) => memberOf(runtime, family, view, vantage)),
  };
}

function memberOf(
  runtime: PoolRuntime,
  family: FamilyRuntime,
  view: MemberView,
  vantage: Vantage,
): MemberStatus {
  const { facts, targetIds } = memberFacts(runtime, family, view, vantage);
  const candidate = family.decision?.candidates.find(({ id }) => id === view.id);
  return {
    ...facts,
    isServed: candidate?.isServed ?? false,
    targets: targetIds.map((id) => vantage.engine.targets.get(id)?.config.display ?? id),
    ...(runtime.pool.policy === "weighted" && { weight: weightOf(runtime.pool, view.id) }),
  };
}

function targetOf(target: TargetRuntime, toWallMs: ToWall): TargetStatus {
  const observedMs = target.lastObservedMs;
  const { intervalMs, schedule } = target.config.settings;
  return {
    target: target.config.display,
    belief: target.health.belief,
    sinceWallMs: toWallMs(target.health.sinceMs),
    reason: target.health.reason,
    lastCode: target.lastCode,
    lastObservedWallMs: observedMs === undefined ? 0 : toWallMs(observedMs),
    usualMs: target.health.usualMs ?? 0,
    tripwire: target.tripwire,
    intervalMs,
    ...(schedule !== undefined && { schedule: calendarText(schedule) }),
  };
}
