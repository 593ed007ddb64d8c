// What a planned move sees: its pools' TTLs, the copies that are out, and whether it is still answered.

import type { Time } from "../base/clock.ts";
import { placeIn } from "../failover/family.ts";
import { inForce } from "../health/forced.ts";
import type { Drain, DrainSight, LastCopy } from "../propagation/drain.ts";
import type { Engine } from "./engine.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";
import type { Propagations } from "./propagations.ts";
import { answerKey } from "./served-zone.ts";

/** Where it looks. */
export interface DrainWorld {
  readonly time: Time;
  readonly engine: Engine;
  /** Undefined where nobody notes what is given: the longest TTL is then what a copy may live. */
  readonly propagations: Propagations | undefined;
  /** Why an address cannot be taken out of all its pools, if it cannot. */
  readonly refusalToTakeOut: (address: string) => string | undefined;
}

/** Everything that the next step of a move follows from. */
export function sightOf(address: string, drain: Drain, world: DrainWorld): DrainSight {
  const { time, engine, propagations, refusalToTakeOut } = world;
  const nowMs = time.nowMs();
  const places = engine.poolsAt(address).flatMap((pool) => placesOf(pool, address));
  const ttls = places.map(({ pool }) => pool.pool.ttl);
  const longestTtlMs = 1000 * Math.max(0, ...ttls.map(({ maxSeconds }) => maxSeconds));
  const held = places.flatMap(({ key, member }) => propagations?.heldUntilMs(key, member) ?? []);
  if (propagations === undefined) held.push(drain.sinceMs + longestTtlMs);
  const copies = places.flatMap(({ pool, key }): LastCopy[] => {
    const { minSeconds, maxSeconds } = pool.pool.ttl;
    const unnotedMs = drain.sinceMs + maxSeconds * 1000;
    const untilMs = propagations === undefined ? unnotedMs : propagations.lastCopyMs(key);
    return untilMs === undefined ? [] : [{ untilMs, leastTtlMs: minSeconds * 1000 }];
  });
  // A record of the zone file it may be, and then nothing here takes it out.
  const refusal = places.length === 0 ? "no pool has it any more" : refusalToTakeOut(address);
  return {
    ...{ nowMs, wallMs: time.wallMs(), longestTtlMs, copies },
    leastTtlMs: 1000 * Math.max(0, ...ttls.map(({ minSeconds }) => minSeconds)),
    isForced: inForce(engine.addresses.forced.of(address), nowMs) === "drain",
    isAnswered: places.some(({ family, member }) => family.serving?.includes(member)),
    refusal: drain.stage === "lowering" ? refusal : undefined,
    isWithoutPool: places.length === 0,
    heldUntilMs: held.length === 0 ? undefined : Math.max(...held),
  };
}

interface Place {
  readonly pool: PoolRuntime;
  readonly family: FamilyRuntime;
  readonly member: string;
  readonly key: string;
}

/** Where a pool answers an address, or would. */
function placesOf(pool: PoolRuntime, address: string): Place[] {
  return [...pool.families.values()].flatMap((family) => {
    const member = pool.pool.members.find((one) => placeIn(one, family.family) === address);
    const key = answerKey(pool.pool.owner, family.type);
    return member === undefined ? [] : [{ pool, family, member: member.id, key }];
  });
}
