// A book in figures, as people and programs are told of it.

import { type Book, type Holder, type HolderState, movedPercent, type Witness } from "./book.ts";

/** Points of a curve, from the swap to the last end. */
const CURVE_POINTS = 40;

/** Counts and moments of a book. Times are milliseconds after the swap. */
export interface Figures {
  readonly resolvers: number;
  readonly queries: number;
  readonly counts: Readonly<Record<HolderState, number>>;
  /** Of the weight. */
  readonly movedPercent: number;
  /** When so much of the weight has moved at the latest, as the TTLs given say. */
  readonly t50Ms: number;
  readonly t90Ms: number;
  readonly t99Ms: number;
  /** The last moment a copy ends; undefined: none was given. */
  readonly lastMs: number | undefined;
  /** Shares of the weight, in percent, that may hold the old answer, evenly from 0 to `lastMs`. */
  readonly curve: readonly number[];
}

/** Reckons a book's figures. */
export function figuresOf(book: Book): Figures {
  const { holders, openedMs, lastEndMs } = book;
  const counts = { holding: 0, confirmed: 0, expired: 0, overdue: 0 };
  let queries = 0;
  for (const holder of holders) {
    counts[holder.state]++;
    queries += holder.queries;
  }
  counts.overdue += lateWithoutCopy(book).length;
  const ends = holders
    .map((holder) => ({ atMs: Math.max(0, goneMs(holder) - openedMs), queries: holder.queries }))
    .sort((a, b) => a.atMs - b.atMs);
  const lastMs =
    lastEndMs === undefined ? undefined : Math.max(0, Math.round(lastEndMs - openedMs));
  return {
    ...{ resolvers: holders.length, queries, counts, lastMs },
    movedPercent: movedPercent(holders),
    t50Ms: momentOf(ends, queries * 0.5),
    t90Ms: momentOf(ends, queries * 0.9),
    t99Ms: momentOf(ends, queries * 0.99),
    curve: curveOf(ends, queries, lastMs ?? 0),
  };
}

/** Who was seen to be late and is not known to have been given the old answer by us. */
export function lateWithoutCopy({ witnesses, holders }: Book): readonly Witness[] {
  const given = new Set(holders.map(({ resolver }) => resolver));
  return witnesses.filter(({ isLate, resolver }) => isLate && !given.has(resolver));
}

type End = { readonly atMs: number; readonly queries: number };

/** When a holder's copy is gone: it was seen to be, or its time says so. */
function goneMs(holder: Holder): number {
  return holder.state === "confirmed" ? Math.min(holder.sinceMs, holder.endMs) : holder.endMs;
}

function momentOf(ends: readonly End[], weight: number): number {
  let sum = 0;
  for (const { atMs, queries } of ends) {
    sum += queries;
    if (sum >= weight) return Math.round(atMs);
  }
  return 0;
}

function curveOf(ends: readonly End[], queries: number, lastMs: number): number[] {
  if (queries === 0 || lastMs <= 0) return [];
  let next = 0;
  let left = queries;
  return Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
    const atMs = (lastMs * i) / CURVE_POINTS;
    for (let end = ends[next]; end !== undefined && end.atMs <= atMs; end = ends[next]) {
      left -= end.queries;
      next++;
    }
    return Math.round((1000 * left) / queries) / 10;
  });
}
