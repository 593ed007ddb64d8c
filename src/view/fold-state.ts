// How everything stands, told as a whole: takes over what is said, keeps the histories, and drops
// what was not named by the end.

import type { EventFields, LivezoneEvent } from "../events/event.ts";
import { bounded, type Draft } from "./draft.ts";
import type { DrainStatus } from "./drains.ts";
import { changeAddress } from "./fold-addresses.ts";
import {
  type AddressView,
  LIMITS,
  type PoolView,
  poolKey,
  type TargetView,
  type ThreadView,
  type ZoneView,
} from "./state.ts";

type PoolState = EventFields<"state.pools">["pools"][number];
type MemberState = PoolState["members"][number];
type TargetState = EventFields<"state.targets">["targets"][number];

/** Folds what tells of everything. */
export function foldState(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "state.server":
      foldServerState(draft, event);
      return;
    case "state.zones":
      for (const zone of event.zones) {
        draft.zones.set(zone.zone, zoneView(zone, draft.zones.get(zone.zone)));
      }
      note(draft, { zones: event.zones.map(({ zone }) => zone) });
      return;
    case "state.pools":
      for (const pool of event.pools) foldPoolState(draft, pool, atMs);
      note(draft, { pools: event.pools.map(poolKey) });
      return;
    case "state.targets":
      for (const target of event.targets) {
        draft.targets.set(target.target, targetView(target, draft.targets.get(target.target)));
      }
      note(draft, { targets: event.targets.map(({ target }) => target) });
      return;
    case "state.told":
      endTelling(draft, event);
      return;
  }
}

function foldServerState(draft: Draft, event: EventFields<"state.server">): void {
  const { version, startedWallMs, listen, transport, store, brake, fault } = event;
  const threads = event.threads.map(({ kind, index, isAlive, deaths }): [string, ThreadView] => [
    `${kind} ${index}`,
    { state: isAlive ? "alive" : "dead", deaths },
  ]);
  const { phase, store: before, brake: _, fault: __, ...known } = draft.server;
  draft.telling = { zones: [], pools: [], targets: [] };
  draft.server = {
    ...known,
    ...{ version, startedMs: startedWallMs, listen, transport, threads: new Map(threads) },
    phase: phase === "unknown" || phase === "starting" ? "ready" : phase,
    store: { state: store.state, waiting: store.waiting, why: before.why },
    ...(brake !== undefined && { brake: { sinceMs: brake.sinceWallMs, reason: brake.reason } }),
    ...(fault !== undefined && { fault: { sinceMs: fault.sinceWallMs, detail: fault.detail } }),
  };
}

function note(draft: Draft, named: Partial<NonNullable<Draft["telling"]>>): void {
  const { telling } = draft;
  if (telling === undefined) return;
  const { zones = [], pools = [], targets = [] } = named;
  draft.telling = {
    zones: [...telling.zones, ...zones],
    pools: [...telling.pools, ...pools],
    targets: [...telling.targets, ...targets],
  };
}

/** Nothing is dropped where the beginning or a part was not heard. */
function endTelling(draft: Draft, told: EventFields<"state.told">): void {
  const { telling } = draft;
  draft.telling = undefined;
  if (telling === undefined) return;
  const zones = new Set(telling.zones);
  const pools = new Set(telling.pools);
  const targets = new Set(telling.targets);
  if (zones.size === told.zones) draft.zones.keep((zone) => zones.has(zone));
  if (pools.size === told.pools) {
    draft.pools.keep((pool) => pools.has(pool));
    const members = [...draft.pools.rows.values()].flatMap((pool) => pool.members);
    const addresses = new Set(members.map(({ address }) => address));
    draft.addresses.keep((address) => addresses.has(address));
  }
  if (targets.size === told.targets) draft.targets.keep((target) => targets.has(target));
}

function zoneView(
  zone: EventFields<"state.zones">["zones"][number],
  before: ZoneView | undefined,
): ZoneView {
  const { publishedWallMs: publishedMs, rejected, records, serial, source } = zone;
  const edits = before?.edits ?? [];
  return { zone: zone.zone, serial, records, source, publishedMs, rejected, edits };
}

function foldPoolState(draft: Draft, pool: PoolState, atMs: number): void {
  const key = poolKey(pool);
  const before = draft.pools.get(key);
  const { serving, isFailOpen } = pool;
  const last = before?.history.at(-1);
  const isSame = last?.isFailOpen === isFailOpen && same(last.serving, serving);
  // Of a pool that was never heard of before, only the present answer is known for certain.
  const span = { atMs: last === undefined ? pool.sinceWallMs : atMs, serving, isFailOpen };
  const history = isSame ? (before?.history ?? []) : [...(before?.history ?? []), span];
  for (const member of pool.members) foldAddress(draft, member, atMs);
  draft.pools.set(key, {
    ...{ pool: pool.pool, type: pool.type, serving, isFailOpen },
    ...{ policy: pool.policy, mode: pool.mode ?? "auto", code: pool.code, reason: pool.reason },
    ...{ sinceMs: pool.sinceWallMs, swap: pool.swap, ttlSeconds: pool.ttlSeconds },
    zone: before?.zone || zoneOf(draft, pool.pool),
    ...(pool.wanted !== undefined && { wanted: pool.wanted }),
    ...(pool.rtoMs !== undefined && { rtoMs: pool.rtoMs }),
    ...(pool.nextWallMs !== undefined && { nextMs: pool.nextWallMs }),
    members: pool.members.map(memberView),
    history: bounded(history, LIMITS.answers),
  });
}

function memberView(state: MemberState): PoolView["members"][number] {
  const { member, address, belief, sinceWallMs: sinceMs, isServed, reason, targets } = state;
  return { member, address, belief, sinceMs, isServed, reason, targets };
}

function foldAddress(draft: Draft, member: MemberState, atMs: number): void {
  const { address, forced, damping, drain } = member;
  if (address === "") return;
  const view: AddressView = {
    address,
    ...(forced !== undefined && {
      forced: {
        ...{ state: forced.state, author: forced.author, reason: forced.reason },
        ...{ sinceMs: forced.sinceWallMs, isAgainstProbes: forced.isAgainstProbes },
        ...(forced.untilWallMs !== undefined && { untilMs: forced.untilWallMs }),
      },
    }),
    ...(damping !== undefined && {
      damping: {
        ...{ penalty: damping.penalty, atMs },
        ...(damping.reusableWallMs !== undefined && { reusableMs: damping.reusableWallMs }),
      },
    }),
    ...(drain !== undefined && { drain: drainOf(drain) }),
  };
  changeAddress(draft, address, () => view);
}

function drainOf(state: NonNullable<MemberState["drain"]>): DrainStatus {
  const { stage, author, reason, held, moveWallMs, drainedWallMs } = state;
  return {
    ...{ stage, author, reason },
    ...(held !== undefined && { held }),
    ...(moveWallMs !== undefined && { moveWallMs }),
    ...(drainedWallMs !== undefined && { drainedWallMs }),
  };
}

function targetView(state: TargetState, before: TargetView | undefined): TargetView {
  const { target, belief, sinceWallMs: sinceMs, reason, lastCode, usualMs, tripwire } = state;
  const history = before?.history ?? [];
  const isSame = history.at(-1)?.belief === belief;
  const span = { atMs: sinceMs, belief, reason };
  return {
    ...{ target, belief, sinceMs, reason, lastCode, usualMs, tripwire },
    lastMs: state.lastObservedWallMs,
    intervalMs: state.intervalMs ?? 0,
    ...(state.schedule !== undefined && { schedule: state.schedule }),
    ...(before?.warning !== undefined && { warning: before.warning }),
    isStale: before?.isStale ?? false,
    history: isSame ? history : bounded([...history, span], LIMITS.beliefs),
    observations: before?.observations ?? [],
  };
}

/** The zone with the longest name that a pool's owner lies in. */
function zoneOf(draft: Draft, owner: string): string {
  let found = "";
  for (const zone of draft.zones.rows.keys()) {
    const isIn = owner === zone || owner.endsWith(`.${zone}`);
    if (isIn && zone.length > found.length) found = zone;
  }
  return found;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
