// A simulation's result as a table: a column for each settings, a row for each thing counted.

import { formatDuration } from "../base/duration.ts";
import type { SimulationReport, SimulationTally } from "../view/simulation.ts";
import type { Paint } from "./paint.ts";
import { formatTable } from "./table.ts";

const ROWS: readonly (readonly [string, (tally: SimulationTally) => string])[] = [
  ["faults found", ({ detected, faults }) => `${detected} of ${faults}`],
  ["time to detect, median", ({ detectMedianMs }) => timeOf(detectMedianMs)],
  ["time to detect, worst", ({ detectWorstMs }) => timeOf(detectWorstMs)],
  ["false alarms", ({ falseAlarms }) => String(falseAlarms)],
  ["swaps", ({ swaps }) => String(swaps)],
  ["answered a dead member", ({ servedDeadMs }) => timeOf(servedDeadMs)],
  ["every member dead", ({ hopelessMs }) => timeOf(hopelessMs)],
  ["healthy, but damped", ({ dampedMs }) => timeOf(dampedMs)],
  ["probes", ({ probes }) => probes.toLocaleString("en")],
];

/** The report as lines without their ends. */
export function simulationText(report: SimulationReport, paint: Paint): readonly string[] {
  const { world, lengthMs, runs } = report;
  const head = ["", ...runs.map(({ settings }) => settings)];
  const rows = ROWS.map(([title, cell]) => [title, ...runs.map(({ tally }) => cell(tally))]);
  return [
    `${paint.bold(formatDuration(Math.round(lengthMs / 1000) * 1000))} of ${world}`,
    ...formatTable([head.map((word) => paint.dim(word)), ...rows], {
      ...{ indent: "  ", right: runs.map((_, i) => i + 1) },
    }),
  ];
}

/** Milliseconds below a minute, seconds above it: what a reader compares. */
function timeOf(durationMs: number | undefined): string {
  if (durationMs === undefined) return "–";
  if (durationMs < 60_000) return formatDuration(durationMs);
  return formatDuration(Math.round(durationMs / 1000) * 1000);
}
