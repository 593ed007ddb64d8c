// What was measured, as a table.

import { median } from "../numbers.ts";
import type { Contender, Pace } from "./contenders.ts";
import type { Fault } from "./targets.ts";

/** What one contender did in one round. */
export interface Outcome {
  readonly fault: string;
  readonly server: string;
  readonly pace: Pace;
  /** From the fault to the first changed answer; undefined: it never changed while watched. */
  readonly changedMs: number | undefined;
  /** How often the answer changed while it was watched. */
  readonly swaps: number;
}

/** One line of the table. */
export interface FailoverRow {
  readonly fault: string;
  readonly pace: Pace;
  readonly server: string;
  readonly rounds: number;
  /** Seconds to the first changed answer, or swaps where those are counted. */
  readonly median: number;
  readonly worst: number;
  readonly unit: "s" | "swaps";
  readonly limit: number | undefined;
}

/** The rows of one fault: medians and worsts of its rounds. */
export function rowsOf(
  fault: Fault,
  contenders: readonly Contender[],
  outcomes: readonly Outcome[],
): readonly FailoverRow[] {
  const isCounted = fault.limits === undefined;
  return contenders.map(({ server, pace }) => {
    const own = outcomes.filter((one) => one.server === server && one.pace === pace);
    const values = own.map(({ changedMs, swaps }) => {
      return isCounted ? swaps : (changedMs ?? Number.POSITIVE_INFINITY) / 1000;
    });
    const limit = isCounted ? fault.swapsMax : fault.limits[pace === "defaults" ? 0 : 1];
    return {
      ...{ fault: fault.name, pace, server, rounds: own.length },
      ...{ median: median(values), worst: Math.max(...values) },
      unit: isCounted ? "swaps" : "s",
      limit: server === "livezone" ? limit : undefined,
    };
  });
}

/** Whether a row reaches what is asked of it; undefined where nothing is. */
export function isReached({ limit, worst }: FailoverRow): boolean | undefined {
  return limit === undefined ? undefined : worst <= limit;
}

/** The rows as a Markdown table. */
export function failoverTable(rows: readonly FailoverRow[], faults: readonly Fault[]): string {
  const head = ["fault", "settings", "server", "median", "worst", "rounds", "asked for", ""];
  const cells = rows.map((row) => {
    const reached = isReached(row);
    return [
      faults.find(({ name }) => name === row.fault)?.title ?? row.fault,
      row.pace,
      row.server,
      figure(row.median, row.unit),
      figure(row.worst, row.unit),
      String(row.rounds),
      row.limit === undefined ? "" : `<= ${row.limit} ${row.unit}`,
      reached === undefined ? "" : reached ? "reached" : "MISSES",
    ];
  });
  return [head, head.map(() => "---"), ...cells]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

function figure(value: number, unit: FailoverRow["unit"]): string {
  if (!Number.isFinite(value)) return "never";
  return unit === "s" ? `${value.toFixed(2)} s` : `${value} swaps`;
}
