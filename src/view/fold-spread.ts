// How far swaps have spread, as events tell of it. It may be told before the swap itself, which is
// announced once it is stored.

import type { EventFields, LivezoneEvent } from "../events/event.ts";
import { bounded, type Draft } from "./draft.ts";
import { LIMITS, type SpreadView, type SwapView } from "./state.ts";
import { formatTook } from "./words.ts";

/** Folds what tells of a swap's propagation. */
export function foldSpread(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "propagation.opened": {
      const spread = opened(event, atMs);
      const swap = draft.swaps.get(event.swap) ?? newSwap(event, atMs);
      draft.swaps.set(event.swap, { ...swap, spread });
      return;
    }
    case "propagation.progress":
      change(draft, event.swap, (spread) => ({
        ...withPoint(spread, atMs, event.percent),
        holding: event.holding,
        isAtLeast: event.atLeast,
      }));
      return;
    case "propagation.overdue":
      change(draft, event.swap, (spread) => ({
        ...spread,
        overdue: bounded([...spread.overdue, overdue(event, atMs)], LIMITS.spread),
      }));
      return;
    case "propagation.recovered":
      change(draft, event.swap, (spread) => ({
        ...spread,
        overdue: spread.overdue.filter(({ resolver }) => resolver !== event.resolver),
      }));
      return;
    case "propagation.drained":
      change(draft, event.swap, (spread) => ({
        ...withPoint(spread, atMs, 100),
        holding: 0,
        drainedMs: spread.openedMs + event.afterMs,
        isAtLeast: event.atLeast,
      }));
      return;
  }
}

function opened(event: EventFields<"propagation.opened">, atMs: number): SpreadView {
  const { resolvers, atLeast, t50Ms, t90Ms, t99Ms, lastMs } = event;
  const forecast = [
    { atMs, percent: 0 },
    { atMs: atMs + t50Ms, percent: 50 },
    { atMs: atMs + t90Ms, percent: 90 },
    { atMs: atMs + t99Ms, percent: 99 },
    { atMs: atMs + lastMs, percent: 100 },
  ];
  return {
    ...{ openedMs: atMs, holders: resolvers, holding: resolvers, isAtLeast: atLeast },
    ...{ lastExpiryMs: atMs + lastMs, forecast, points: [{ atMs, percent: 0 }], overdue: [] },
  };
}

function overdue(
  { resolver, lateMs, evidence }: EventFields<"propagation.overdue">,
  atMs: number,
): SpreadView["overdue"][number] {
  const late = formatTook(lateMs);
  const detail =
    evidence === "seen"
      ? `was seen to give the old answer, ${late} after its time`
      : `keeps the old answer, ${late} longer than its TTL allows`;
  return { resolver, atMs, detail };
}

function withPoint(spread: SpreadView, atMs: number, percent: number): SpreadView {
  const points = bounded([...spread.points, { atMs, percent }], LIMITS.spread);
  return { ...spread, points };
}

/** A swap of which only its spreading was told. */
function newSwap(
  { swap, pool, type }: Pick<SwapView, "swap" | "pool" | "type">,
  atMs: number,
): SwapView {
  return {
    ...{ swap, pool, type, zone: "", atMs, code: "", reason: "", before: [], after: [] },
    ...{ serial: 0, ttlSeconds: 0, publishMs: 0, isDurable: false },
  };
}

function change(draft: Draft, id: number, changes: (spread: SpreadView) => SpreadView): void {
  draft.swaps.change(id, (swap) =>
    swap.spread === undefined ? swap : { ...swap, spread: changes(swap.spread) },
  );
}
