// How far a swap has spread, in words, bars and columns.

import { formatDuration } from "../base/duration.ts";
import type { HolderReport, PropagationReport, SwapReport } from "../view/propagation.ts";
import type { Paint } from "./paint.ts";
import { moment } from "./status-text.ts";
import { formatTable } from "./table.ts";
import { counted } from "./verb.ts";

const BAR_CELLS = 40;
const LEVELS = "▁▂▃▄▅▆▇█";
const NEVER = "–";

/** The report as lines without their ends. */
export function propagationText(report: PropagationReport, paint: Paint): readonly string[] {
  const { swap, pool, type, before, after, isAtLeast, resolvers, queries, counts } = report;
  const least = isAtLeast ? "at least " : "";
  const title = `${paint.bold(`Swap ${swap}`)}  ${pool} ${type}  ${listed(before)} → ${listed(after)}`;
  const lines = [
    `${title}, ${moment(report.openedWallMs, report)}`,
    `  ${bar(report.movedPercent, paint)} ${report.movedPercent} % moved`,
    `  ${least}${counted(resolvers, "resolver")}, ${counted(queries, "answer")}: ${countsText(counts, paint)}`,
    `  ${endText(report, paint)}`,
  ];
  const { curve, t50Ms, t90Ms, t99Ms, boundWallMs, openedWallMs } = report;
  if (curve.length > 0 && boundWallMs !== undefined) {
    const shares = curve.map((share) => LEVELS[Math.round((share / 100) * 7)] ?? " ").join("");
    const lasts = seconds(boundWallMs - openedWallMs);
    lines.push(`  ${shares}  may hold it, over ${lasts}`);
    const by = [t50Ms, t90Ms, t99Ms].map(seconds);
    lines.push(`  gone at the latest after: half ${by[0]}, 90 % ${by[1]}, 99 % ${by[2]}`);
  }
  lines.push(...holderLines("Overdue", report.overdue, report, paint.red));
  lines.push(...witnessLines(report, paint));
  lines.push(...holderLines("Holding", report.holding, report, paint.yellow));
  return [...lines, ...estimateLines(report, paint)];
}

/** A table of swaps, newest first. */
export function swapsText(swaps: readonly SwapReport[], nowWallMs: number): readonly string[] {
  if (swaps.length === 0) return ["There was no swap yet"];
  const rows = swaps.map((swap) => [
    String(swap.swap),
    moment(swap.publishedWallMs, { nowWallMs }),
    `${swap.pool} ${swap.type}`,
    `${listed(swap.before)} → ${listed(swap.after)}`,
    swap.code,
    ...chainCells(swap),
    drainText(swap),
  ]);
  const moments = ["SURE", "RTO", "GIVEN", "STORED", "DRAINED"];
  return formatTable([["SWAP", "WHEN", "POOL", "ANSWER", "WHY", ...moments], ...rows], {
    right: [0],
  });
}

/** From the first fault: when it was sure, when the answer was another one. After that: the rest. */
function chainCells({ rtoMs, chain }: SwapReport): readonly string[] {
  const { firstFaultWallMs, detectedWallMs, publishedWallMs } = chain;
  const between = (from: number | undefined, to: number | undefined): string =>
    from === undefined || to === undefined ? NEVER : brief(Math.max(0, to - from));
  return [
    between(firstFaultWallMs, detectedWallMs),
    rtoMs === undefined ? NEVER : brief(rtoMs),
    between(publishedWallMs, chain.firstGivenWallMs),
    between(publishedWallMs, chain.storedWallMs),
  ];
}

/** Milliseconds below a second. */
function brief(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)}ms` : seconds(durationMs);
}

/** What somebody who waits for a swap to drain is told of those that still hold it. */
export function stillHeldText(report: PropagationReport): readonly string[] {
  const { swap, boundWallMs, isAtLeast, counts, holding } = report;
  const who = `${isAtLeast ? "at least " : ""}${counted(counts.holding, "resolver")}`;
  const until = boundWallMs === undefined ? "" : ` until ${moment(boundWallMs, report)}`;
  const others = report.behind.map((server) => `  ${server} has not taken the new answer`);
  return [
    `Swap ${swap} is not drained: ${who} may hold the old answer${until}`,
    ...others,
    ...holding.map(
      ({ resolver, untilWallMs }) => `  ${resolver} until ${moment(untilWallMs, report)}`,
    ),
  ];
}

function endText(report: PropagationReport, paint: Paint): string {
  const { drainedWallMs, boundWallMs } = report;
  if (drainedWallMs !== undefined) {
    const when =
      boundWallMs === undefined ? "at once: nobody was given it" : moment(drainedWallMs, report);
    return paint.green(`drained ${when}`);
  }
  if (report.behind.length > 0) {
    const who = report.behind.join(", ");
    return paint.yellow(`not drained before all name servers have it: ${who} have not`);
  }
  if (boundWallMs === undefined) return "nobody was given the old answer";
  return `an honest cache can hold it until ${paint.bold(moment(boundWallMs, report))}`;
}

function countsText(counts: PropagationReport["counts"], paint: Paint): string {
  const { holding, confirmed, expired, overdue } = counts;
  const late = `${overdue} overdue`;
  return [
    `${holding} holding`,
    `${confirmed} confirmed`,
    `${expired} expired`,
    overdue === 0 ? late : paint.red(late),
  ].join(", ");
}

function holderLines(
  title: string,
  holders: readonly HolderReport[],
  report: PropagationReport,
  colour: (text: string) => string,
): readonly string[] {
  if (holders.length === 0) return [];
  const rows = holders.map((holder) => {
    const { resolver, untilWallMs, queries, keepsMs, isProven } = holder;
    const given = queries === 0 ? "" : counted(queries, "answer");
    const habit = keepsMs === undefined ? "" : `keeps answers ${seconds(keepsMs)}`;
    const proof = isProven ? "" : "unproven";
    return [resolver, `until ${moment(untilWallMs, report)}`, given, habit, proof];
  });
  return [colour(title), ...formatTable(rows, { indent: "  " })];
}

function witnessLines(report: PropagationReport, paint: Paint): readonly string[] {
  if (report.witnesses.length === 0) return [];
  const { openedWallMs } = report;
  const rows = report.witnesses.map(({ resolver, answer, sinceWallMs, ...seen }) => {
    if (answer === "new") {
      return [resolver, paint.green("new"), `after ${seconds(sinceWallMs - openedWallMs)}`, ""];
    }
    const left = `${seconds(seen.leftMs)} left when asked ${moment(seen.seenWallMs, report)}`;
    return [resolver, paint.yellow("old"), left, seen.isLate ? paint.red("overdue") : ""];
  });
  return ["Asked", ...formatTable(rows, { indent: "  " })];
}

function estimateLines(report: PropagationReport, paint: Paint): readonly string[] {
  const { lengtheningPercent, lengthenedMs, programsWallMs } = report.estimate;
  const often = lengthenedMs.map((keptMs) => formatDuration(keptMs)).join(", ");
  return [
    paint.dim("Beyond what can be known here, as an estimate"),
    paint.dim(`  ${lengtheningPercent} % of all resolvers lengthen TTLs, often to ${often}`),
    paint.dim(`  programs that keep addresses themselves: until ${moment(programsWallMs, report)}`),
  ];
}

function bar(percent: number, paint: Paint): string {
  const full = Math.round((percent / 100) * BAR_CELLS);
  return paint.green("█".repeat(full)) + paint.dim("░".repeat(BAR_CELLS - full));
}

function drainText({ drain }: SwapReport): string {
  if (drain === undefined) return NEVER;
  const { isDrained, afterMs, isAtLeast, overdue } = drain;
  const after = afterMs === 0 ? "at once" : seconds(afterMs);
  const late = overdue === 0 ? "" : `, ${overdue} overdue`;
  const least = isAtLeast ? " at most" : "";
  return isDrained ? `${after}${least}${late}` : `in ${after}${least}${late}`;
}

function listed(members: readonly string[]): string {
  return members.length === 0 ? "nothing" : members.join(", ");
}

/** With tenths below ten seconds; whole seconds above. */
function seconds(durationMs: number): string {
  if (durationMs < 10_000) return `${Math.round(durationMs / 100) / 10}s`;
  return formatDuration(Math.round(durationMs / 1000) * 1000);
}
