// What is told of a pool's member wherever it is told: the status report, explanations, orders.

import type { MemberView } from "../failover/decision.ts";
import { placeIn } from "../failover/family.ts";
import { inForce, isForcedAgainstProbes } from "../health/forced.ts";
import type { DrainStatus } from "../view/drains.ts";
import type { DampingStatus, ForcedStatus, MemberStatus } from "../view/status.ts";
import type { Engine } from "./engine.ts";
import { decidingTargets } from "./member-views.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";

/** From monotonic to wall milliseconds, as they are to each other now. */
export type ToWall = (monotonicMs: number) => number;

/** Planned moves, as far as they are told of. */
export interface DrainsTold {
  told(address: string): DrainStatus | undefined;
}

/** When something is told, and by whom it is known. */
export interface Vantage {
  readonly engine: Engine;
  /** Absent: nobody asks for them. */
  readonly drains: DrainsTold | undefined;
  readonly nowMs: number;
  readonly toWallMs: ToWall;
}

type Facts = Pick<
  MemberStatus,
  "member" | "address" | "belief" | "sinceWallMs" | "reason" | "forced" | "damping" | "drain"
>;

/** What is told of a member in every place. */
export function memberFacts(
  runtime: PoolRuntime,
  family: FamilyRuntime,
  view: MemberView,
  { engine, drains, nowMs, toWallMs }: Vantage,
): {
  readonly facts: Facts;
  /** Ids of the targets that it is judged by. */
  readonly targetIds: readonly string[];
} {
  const member = runtime.pool.members.find(({ id }) => id === view.id);
  const candidate = family.decision?.candidates.find(({ id }) => id === view.id);
  const address = placeIn(member, family.family) ?? "";
  const forced = forcedOf(view, nowMs, toWallMs);
  const damping = dampingOf(engine, address, toWallMs);
  const drain = drains?.told(address);
  return {
    facts: {
      ...{ member: view.id, address, belief: view.belief, sinceWallMs: toWallMs(view.sinceMs) },
      reason: candidate?.reason ?? view.reason,
      ...(forced !== undefined && { forced }),
      ...(damping !== undefined && { damping }),
      ...(drain !== undefined && { drain }),
    },
    targetIds: member === undefined ? [] : decidingTargets(runtime.pool, member, family.family),
  };
}

/** What is forced of a member, while it is in force. */
export function forcedOf(
  { forced, belief }: Pick<MemberView, "forced" | "belief">,
  nowMs: number,
  toWallMs: ToWall,
): ForcedStatus | undefined {
  if (forced === undefined || inForce(forced, nowMs) === undefined) return undefined;
  const { state, author, reason, sinceMs, untilMs } = forced;
  return {
    ...{ state, author, reason, sinceWallMs: toWallMs(sinceMs) },
    ...(untilMs !== undefined && { untilWallMs: toWallMs(untilMs) }),
    isAgainstProbes: isForcedAgainstProbes(forced, belief, nowMs),
  };
}

/** How much an address has flapped, where that is worth a word. */
function dampingOf(engine: Engine, address: string, toWallMs: ToWall): DampingStatus | undefined {
  const damping = engine.addresses.dampings.viewOf(address);
  if (damping === undefined) return undefined;
  const { penalty, reusableAtMs } = damping;
  return {
    penalty: Math.round(penalty),
    ...(reusableAtMs !== undefined && { reusableWallMs: toWallMs(reusableAtMs) }),
  };
}
