// How long a pool had a good answer within a window, as far as its events tell.

import type { PoolView, SwapView } from "./state.ts";

/** A part of time, `fromMs` before `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was found. */
export interface Availability {
  /** Without a good answer: nothing was up, or the answer was not yet moved away from a fault. */
  readonly bad: readonly (Span & { readonly why: "fail-open" | "fault" })[];
  /** The part of the window of which something is known; empty: nothing is. */
  readonly knownMs: number;
  readonly badMs: number;
  /** 0 to 1; undefined where nothing is known. */
  readonly share: number | undefined;
}

/**
 * A pool was unavailable while it failed open, and from the first failed probe to the swap that
 * followed. Faults that no swap followed are not in it: their answer was not the one served.
 */
export function availabilityOf(
  pool: PoolView,
  swaps: readonly SwapView[],
  window: Span,
): Availability {
  const knownFrom = Math.max(window.fromMs, pool.history[0]?.atMs ?? Number.POSITIVE_INFINITY);
  const knownMs = Math.max(0, window.toMs - knownFrom);
  const failed = pool.history.flatMap((span, i) => {
    const toMs = pool.history[i + 1]?.atMs ?? window.toMs;
    return span.isFailOpen ? [{ fromMs: span.atMs, toMs, why: "fail-open" as const }] : [];
  });
  const faults = swaps.flatMap((swap) => {
    const rtoMs = measuredRtoMs(swap);
    const isOurs = swap.pool === pool.pool && swap.type === pool.type;
    if (!isOurs || rtoMs === undefined) return [];
    return [{ fromMs: swap.atMs - rtoMs, toMs: swap.atMs, why: "fault" as const }];
  });
  const bad = [...failed, ...faults]
    .map((span) => ({
      ...span,
      fromMs: Math.max(span.fromMs, knownFrom),
      toMs: Math.min(span.toMs, window.toMs),
    }))
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const badMs = unionMs(bad);
  return { bad, knownMs, badMs, share: knownMs > 0 ? 1 - badMs / knownMs : undefined };
}

/** From the first failed probe to the new answer at every thread; undefined: no fault led to it. */
export function measuredRtoMs(swap: SwapView): number | undefined {
  return swap.detectMs === undefined ? undefined : swap.detectMs + swap.publishMs;
}

/** The time that spans cover, what several cover counted once; they are sorted by their begin. */
function unionMs(spans: readonly Span[]): number {
  let totalMs = 0;
  let coveredMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of spans) {
    totalMs += Math.max(0, toMs - Math.max(fromMs, coveredMs));
    coveredMs = Math.max(coveredMs, toMs);
  }
  return totalMs;
}
