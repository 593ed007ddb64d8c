// The status report: what is served, what is believed, and why, as plain data.

import { nameToDisplay } from "../dns/name.ts";
import type { PoolStatus, StatusReport, TargetStatus, ZoneStatus } from "../view/status.ts";
import type { ProcessStatus } from "./controller.ts";
import type { Engine } from "./engine.ts";
import { addressOf, type FamilyRuntime, type PoolRuntime } from "./pool-runtime.ts";
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
  readonly writer: StoreWriter;
}): StatusReport {
  const { storePath, ...process } = sources.process;
  const toWallMs = (monotonicMs: number): number =>
    Math.round(monotonicMs - sources.nowMs + sources.nowWallMs);
  const engine = sources.engine;
  const pools = [...(engine?.pools.values() ?? [])];
  return {
    ...process,
    nowWallMs: sources.nowWallMs,
    store: {
      path: storePath,
      state: sources.writer.isFailing ? "failing" : "ok",
      waiting: sources.writer.waiting,
    },
    zones: zonesOf(sources.publisher),
    pools: pools.flatMap((pool) =>
      [...pool.families.values()].map((family) => poolOf(pool, family, engine, toWallMs)),
    ),
    targets: [...(engine?.targets.values() ?? [])].map((target) => targetOf(target, toWallMs)),
  };
}

function zonesOf(publisher: Publisher | undefined): ZoneStatus[] {
  return [...(publisher?.zones.values() ?? [])].map((served) => ({
    zone: served.display,
    serial: served.serial,
    records: served.zone.recordCount,
    source: "file",
    publishedWallMs: served.publishedWallMs,
    rejected: served.rejected,
  }));
}

function poolOf(
  runtime: PoolRuntime,
  family: FamilyRuntime,
  engine: Engine | undefined,
  toWallMs: (monotonicMs: number) => number,
): PoolStatus {
  const { pool } = runtime;
  const members = new Map(pool.members.map((member) => [member.id, member]));
  const candidates = new Map(family.decision?.candidates.map((entry) => [entry.id, entry]));
  return {
    pool: nameToDisplay(pool.owner),
    type: family.type === 1 ? "A" : "AAAA",
    policy: pool.policy,
    serving: family.serving ?? [],
    code: family.decision?.code ?? "",
    reason: family.decision?.why ?? "",
    sinceWallMs: family.sinceWallMs,
    swap: family.swapId,
    ttlSeconds: family.ttlSeconds,
    isFailOpen: family.decision?.isFailOpen ?? false,
    members: runtime.views(family.family).map((view) => {
      const member = members.get(view.id);
      const ids = (family.family === 4 ? member?.targetsV4 : member?.targetsV6) ?? [];
      const candidate = candidates.get(view.id);
      return {
        member: view.id,
        address: addressOf(member, family.family) ?? "",
        belief: view.belief,
        sinceWallMs: toWallMs(view.sinceMs),
        isServed: candidate?.isServed ?? false,
        reason: candidate?.reason ?? view.reason,
        targets: ids.map((id) => engine?.targets.get(id)?.config.display ?? id),
      };
    }),
  };
}

function targetOf(target: TargetRuntime, toWallMs: (monotonicMs: number) => number): TargetStatus {
  const observedMs = target.lastObservedMs;
  return {
    target: target.config.display,
    belief: target.health.belief,
    sinceWallMs: toWallMs(target.health.sinceMs),
    reason: target.health.reason,
    lastCode: target.lastCode,
    lastObservedWallMs: observedMs === undefined ? 0 : toWallMs(observedMs),
    usualMs: target.health.usualMs ?? 0,
    tripwire: target.tripwire,
  };
}
