// What a pool begins with before its first decision: what was answered until then, by the last run or
// by the zone file.

import type { Pool } from "../failover/pool.ts";
import { type FamilyRuntime, memberCalled, servedIn } from "./pool-family.ts";
import type { PoolPorts } from "./pool-ports.ts";

/** Swaps whose moments are kept: as many as a budget can speak of. */
export const SWAPS_KEPT = 100;

/** Fills in one family. */
export function recall(
  pool: Pool,
  runtime: FamilyRuntime,
  ports: Pick<PoolPorts, "time" | "stored" | "storedSwaps" | "publish">,
): void {
  const stored = ports.stored(runtime.type);
  runtime.sinceWallMs = stored?.sinceWallMs ?? ports.time.wallMs();
  runtime.swapId = stored?.swapId ?? 0;
  runtime.ttlSeconds = pool.ttl.maxSeconds;
  runtime.swapsMs = ports.storedSwaps(runtime.type).slice(-SWAPS_KEPT);
  runtime.serving = stored?.memberIds ?? ports.publish.staticAnswer(pool, runtime.type);
  runtime.chosen = runtime.serving;
  if (pool.isTogether !== true) return;
  runtime.chosen = stored?.memberIds;
  runtime.serving = servedIn(pool, runtime.family, runtime.serving);
}

/**
 * Fills in what was chosen for families that go together: what a family is remembered to have answered,
 * else the first member in the operator's order that the zone file answers.
 */
export function recallTogether(pool: Pool, families: readonly FamilyRuntime[]): void {
  const known = families.flatMap(({ chosen }) => chosen ?? []);
  const answered = families.flatMap(({ serving }) => serving ?? []);
  const from = known.length > 0 ? known : answered;
  const named = new Set(from.map((name) => memberCalled(pool, name)));
  const first = pool.members.find((member) => named.has(member));
  for (const runtime of families) runtime.chosen = first === undefined ? [] : [first.id];
}
