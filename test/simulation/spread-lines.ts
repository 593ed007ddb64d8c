// What is known of a swap's propagation, as lines of a scenario.

import type { HolderReport, PropagationReport } from "../../src/view/propagation.ts";

/** @param toStartMs what turns a moment relative to now into one after the beginning. */
export function spreadLines(report: PropagationReport, toStartMs: number): string[] {
  const { swap, counts, isAtLeast, boundWallMs, drainedWallMs, movedPercent } = report;
  const at = (wallMs: number): string => {
    return ((wallMs - report.nowWallMs - toStartMs) / 1000).toFixed(1);
  };
  const ends = drainedWallMs === undefined ? undefined : `drained at ${at(drainedWallMs)}`;
  const bound = boundWallMs === undefined ? "nobody holds it" : `held until ${at(boundWallMs)}`;
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  return [
    `swap ${swap}: ${isAtLeast ? "at least " : ""}${states.join(", ")}; ${movedPercent} % moved; ${ends ?? bound}`,
    ...[...report.holding, ...report.overdue].map((holder) => holderLine(holder, at)),
    ...report.witnesses.map(({ resolver, answer, sinceWallMs, leftMs }) => {
      return `${resolver} was asked: ${answer} since ${at(sinceWallMs)}, ${leftMs / 1000} s left`;
    }),
  ];
}

function holderLine(holder: HolderReport, at: (wallMs: number) => string): string {
  const { resolver, state, queries, untilWallMs } = holder;
  return `${resolver} ${state} until ${at(untilWallMs)}, ${queries} answers`;
}
