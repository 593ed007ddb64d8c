// Pools, their members, swaps and drills, as events tell of them.

import type { EventFields, LivezoneEvent } from "../events/event.ts";
import { bounded, type Draft } from "./draft.ts";
import { LIMITS, type MemberView, type PoolView, poolKey } from "./state.ts";

/** Folds what tells of a pool. */
export function foldPool(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "pool.swapped":
      foldSwap(draft, event, atMs);
      return;
    case "swap.durable":
      draft.swaps.change(event.swap, (swap) => {
        return { ...swap, isDurable: true, storedMs: event.delayMs };
      });
      return;
    case "swap.given":
      draft.swaps.change(event.swap, (swap) => ({ ...swap, givenMs: event.afterMs }));
      return;
    case "pool.decided":
      change(draft, event, (pool) => decided(pool, { ...event, atMs }));
      return;
    case "pool.failed-open":
      change(draft, event, (pool) => {
        const { code = "all-down", reason, serving } = event;
        const span = { atMs, serving, isFailOpen: true };
        return remembered({ ...pool, code, reason, serving, isFailOpen: true }, span);
      });
      return;
    case "pool.recovered":
      change(draft, event, (pool) => {
        const { code = "", reason } = event;
        const span = { atMs, serving: pool.serving, isFailOpen: false };
        return remembered({ ...pool, code, reason, isFailOpen: false }, span);
      });
      return;
    case "pool.would-swap":
    case "pool.waiting":
      change(draft, event, (pool) => {
        const { reason, serving, wanted } = event;
        const code = event.event === "pool.waiting" ? "awaiting-approval" : "shadow";
        return { ...pool, code, reason, serving, wanted };
      });
      return;
    case "pool.approved":
      change(draft, event, withoutWanted);
      return;
    case "member.changed":
      change(draft, event, (pool) => withMember(pool, event, atMs));
      return;
    case "drill.started": {
      const { drill, pool, type, member, author } = event;
      draft.drills.set(drill, { drill, pool, type, member, author, atMs });
      return;
    }
    case "drill.finished": {
      const { passed: hasPassed, reason } = event;
      draft.drills.change(event.drill, (drill) => ({ ...drill, endedMs: atMs, hasPassed, reason }));
      return;
    }
  }
}

function foldSwap(draft: Draft, event: EventFields<"pool.swapped">, atMs: number): void {
  const { swap, pool, type, zone, code, reason, before, after, serial, ttl } = event;
  const { detectMs, publishMs, hooksMs, storedMs, durable } = event;
  const spread = draft.swaps.get(swap)?.spread;
  const goalMs = draft.pools.get(poolKey(event))?.rtoMs;
  draft.swaps.set(swap, {
    ...{ swap, pool, type, zone, atMs, code, reason, before, after, serial },
    ...{ ttlSeconds: ttl, publishMs, isDurable: durable },
    ...(detectMs !== undefined && { detectMs }),
    ...(hooksMs !== undefined && { hooksMs }),
    ...(storedMs !== undefined && { storedMs }),
    ...(goalMs !== undefined && { goalMs }),
    ...(spread !== undefined && { spread }),
  });
  change(draft, event, (known) => {
    const { nextMs: _past, ...rest } = withoutWanted(known);
    const changed = {
      ...{ ...rest, zone, code, reason, swap, serving: after, ttlSeconds: ttl, sinceMs: atMs },
      members: membersOf(known, before, after),
    };
    return remembered(changed, { atMs, serving: after, isFailOpen: known.isFailOpen });
  });
}

function change(
  draft: Draft,
  id: { readonly pool: string; readonly type: string },
  changes: (pool: PoolView) => PoolView,
): void {
  const key = poolKey(id);
  draft.pools.set(key, changes(draft.pools.get(key) ?? newPool(id)));
}

function decided(
  pool: PoolView,
  { code, reason }: { readonly code: string; readonly reason: string; readonly atMs: number },
): PoolView {
  const isHeld = code === "awaiting-approval" || code === "shadow" || code === "failback-manual";
  return { ...(isHeld ? pool : withoutWanted(pool)), code, reason };
}

/** Adds what is answered from now on, where that is another answer than before. */
function remembered(pool: PoolView, span: PoolView["history"][number]): PoolView {
  const last = pool.history.at(-1);
  const isSame =
    last?.isFailOpen === span.isFailOpen && last.serving.join(" ") === span.serving.join(" ");
  if (isSame) return pool;
  return { ...pool, history: bounded([...pool.history, span], LIMITS.answers) };
}

function withMember(pool: PoolView, event: EventFields<"member.changed">, atMs: number): PoolView {
  const { member, address = member, belief, served: isServed, reason } = event;
  const known = pool.members.some((each) => each.member === member);
  const members = known ? pool.members : [...pool.members, newMember(member)];
  return {
    ...pool,
    members: members.map((each) => {
      if (each.member !== member) return each;
      const sinceMs = each.belief === belief ? each.sinceMs : atMs;
      return { ...each, address, belief, isServed, reason, sinceMs };
    }),
  };
}

/** The members with what is served; those that only the swap names are added. */
function membersOf(
  pool: PoolView,
  before: readonly string[],
  after: readonly string[],
): readonly MemberView[] {
  const known = new Set(pool.members.flatMap(({ member, address }) => [member, address]));
  const others = [...new Set([...before, ...after])].filter((id) => !known.has(id));
  // Where members were told of, those who left the pool are only in `before`.
  const added = pool.members.length === 0 ? others : others.filter((id) => after.includes(id));
  return [...pool.members, ...added.map(newMember)].map((each) => {
    // Who lacks the family is served by an answer of nothing: the swap does not say who that is.
    if (each.address === "") return each;
    return { ...each, isServed: after.includes(each.member) || after.includes(each.address) };
  });
}

function withoutWanted(pool: PoolView): PoolView {
  const { wanted: _done, ...rest } = pool;
  return rest;
}

function newMember(member: string): MemberView {
  return {
    ...{ member, address: member, belief: "unknown", sinceMs: 0 },
    ...{ isServed: false, reason: "", targets: [] },
  };
}

function newPool({ pool, type }: { readonly pool: string; readonly type: string }): PoolView {
  return {
    ...{ pool, type, zone: "", policy: "", mode: "auto", serving: [], code: "", reason: "" },
    ...{ sinceMs: 0, swap: 0, ttlSeconds: 0, isFailOpen: false, members: [], history: [] },
  };
}
