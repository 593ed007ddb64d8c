// What people are told of a swap and how far it has spread.

import type { Clock } from "../base/clock.ts";
import { nameToDisplay } from "../dns/name.ts";
import { answerTypeText } from "../failover/family.ts";
import {
  type Book,
  type Holder,
  keptUntilMs,
  SLACK_MS,
  type Witness,
} from "../propagation/book.ts";
import { estimateAfter } from "../propagation/estimate.ts";
import { figuresOf, lateWithoutCopy } from "../propagation/figures.ts";
import type { HolderReport, PropagationReport, SwapReport } from "../view/propagation.ts";
import type { SpreadStatus } from "../view/status.ts";
import { shownResolver } from "./held-reading.ts";
import type { SwapRecord } from "./ports.ts";
import type { Tracked } from "./propagation-story.ts";

/** Holders that a report names. */
const NAMED_MAX = 20;

/** The report of a followed swap, as it is now. */
export function propagationReport(
  tracked: Tracked,
  clock: Clock,
  addresses: "prefix" | "full",
): PropagationReport {
  const { book, pool, type, before, after, moments } = tracked;
  const [nowMs, wallMs] = [clock.nowMs(), clock.wallMs()];
  const toWall = (moment: number): number => Math.round(moment - nowMs + wallMs);
  const figures = figuresOf(book);
  const { resolvers, queries, counts, movedPercent, t50Ms, t90Ms, t99Ms, curve } = figures;
  const { programsMs, ...estimate } = estimateAfter(figures.lastMs);
  const asked = new Map(book.witnesses.map((witness) => [witness.resolver, witness]));
  const given = { nowMs, toWall, addresses, asked };
  const shown = (state: Holder["state"]): HolderReport[] =>
    book.holders
      .filter((holder) => holder.state === state)
      .slice(0, NAMED_MAX)
      .map((holder) => holderReport(holder, given));
  const seenLate = lateWithoutCopy(book).map((witness) => lateReport(witness, book, given));
  const boundMs = book.lastEndMs === undefined ? undefined : book.lastEndMs + SLACK_MS;
  return {
    ...{ swap: book.swap, pool, type, before, after, nowWallMs: Math.round(wallMs) },
    openedWallMs: toWall(book.openedMs),
    ...(moments.storedMs !== undefined && { storedWallMs: toWall(moments.storedMs) }),
    ...(moments.givenMs !== undefined && { firstGivenWallMs: toWall(moments.givenMs) }),
    ...(boundMs !== undefined && { boundWallMs: toWall(boundMs) }),
    ...(book.drainedMs !== undefined && { drainedWallMs: toWall(book.drainedMs) }),
    isAtLeast: book.isAtLeast,
    ...{ resolvers, queries, counts, movedPercent: Math.round(movedPercent * 10) / 10 },
    ...{ t50Ms, t90Ms, t99Ms, curve },
    reachedMs: Object.fromEntries(
      Object.entries(book.reachedMs).map(([key, at]) => [key, Math.round(at - book.openedMs)]),
    ),
    behind: book.behind,
    overdue: [...seenLate, ...shown("overdue")],
    holding: shown("holding"),
    witnesses: book.witnesses.map(({ name, answer, sinceMs, atMs, leftMs, isLate }) => ({
      ...{ resolver: name, answer, sinceWallMs: toWall(sinceMs) },
      ...{ seenWallMs: toWall(atMs), leftMs, isLate },
    })),
    estimate: { ...estimate, programsWallMs: toWall(book.openedMs + programsMs) },
  };
}

/** A swap, and what is known of its propagation. */
export function swapReport(
  swap: SwapRecord,
  propagation: PropagationReport | undefined,
): SwapReport {
  const { before, after, code, firstFaultWallMs, detectedWallMs, publishedWallMs } = swap;
  const { storedWallMs, firstGivenWallMs, drainedWallMs } = propagation ?? {};
  return {
    ...{ swap: swap.id, pool: nameToDisplay(swap.owner), type: answerTypeText(swap.type) },
    ...{ before, after, code, reason: swap.why, publishedWallMs: Math.round(publishedWallMs) },
    ...(firstFaultWallMs !== undefined && {
      rtoMs: Math.round(publishedWallMs - firstFaultWallMs),
    }),
    chain: {
      ...(firstFaultWallMs !== undefined && { firstFaultWallMs }),
      ...(detectedWallMs !== undefined && { detectedWallMs: Math.round(detectedWallMs) }),
      decidedWallMs: Math.round(swap.decidedWallMs),
      publishedWallMs: Math.round(publishedWallMs),
      ...(firstGivenWallMs !== undefined && { firstGivenWallMs }),
      ...(storedWallMs !== undefined && { storedWallMs }),
      ...(drainedWallMs !== undefined && { drainedWallMs }),
    },
    ...(propagation !== undefined && {
      drain: {
        isDrained: propagation.drainedWallMs !== undefined,
        afterMs: drainedAfterMs(propagation),
        isAtLeast: propagation.isAtLeast,
        overdue: propagation.counts.overdue,
      },
    }),
  };
}

/** What all followed swaps are like together. @param toWall turns a monotonic moment into a wall one. */
export function spreadStatus(tracked: readonly Tracked[], toWall: number): SpreadStatus {
  const open = tracked.filter(({ book }) => book.drainedMs === undefined);
  const oldestMs = Math.min(...open.map(({ book }) => book.openedMs));
  const late = tracked.flatMap(({ book }) => [
    ...book.holders.filter(({ state }) => state === "overdue"),
    ...lateWithoutCopy(book),
  ]);
  return {
    open: open.length,
    ...(open.length > 0 && { oldestWallMs: Math.round(oldestMs + toWall) }),
    overdue: new Set(late.map(({ resolver }) => resolver)).size,
  };
}

function drainedAfterMs(report: PropagationReport): number {
  const { drainedWallMs, boundWallMs, openedWallMs } = report;
  return Math.max(0, (drainedWallMs ?? boundWallMs ?? openedWallMs) - openedWallMs);
}

interface Given {
  readonly nowMs: number;
  readonly toWall: (moment: number) => number;
  readonly addresses: "prefix" | "full";
  /** Those that are asked, by their addresses. */
  readonly asked: ReadonlyMap<string, Witness>;
}

function holderReport(holder: Holder, given: Given): HolderReport {
  const { resolver, queries, isProven, state, endMs, keepsMs } = holder;
  const isOverdue = state === "overdue";
  const witness = given.asked.get(resolver);
  const saidMs = witness?.isLate === true ? witness.atMs + witness.leftMs : 0;
  return {
    resolver: witness?.name ?? shownResolver(resolver, given.addresses),
    ...{ queries, isProven, state },
    untilWallMs: given.toWall(isOverdue ? Math.max(keptUntilMs(holder), saidMs) : endMs),
    ...(isOverdue && { lateMs: Math.round(given.nowMs - endMs) }),
    ...(keepsMs !== undefined && { keepsMs }),
  };
}

/** One that was seen to be late and was given no copy by us. */
function lateReport(witness: Witness, book: Book, { nowMs, toWall }: Given): HolderReport {
  const { name, atMs, leftMs } = witness;
  return {
    ...{ resolver: name, queries: 0, isProven: true, state: "overdue" },
    untilWallMs: toWall(atMs + leftMs),
    lateMs: Math.round(nowMs - (book.lastEndMs ?? book.openedMs)),
  };
}
