// The newest observations of a target, kept as columns. Ten thousand targets hold a quarter of a million
// observations: as objects they would be most of what the garbage collector has to visit.

import type { Observation, ObservationPhases } from "./observation.ts";

/** How many observations a target's history keeps (Nagios keeps as many states). */
export const HISTORY_MAX = 21;

/** A log takes so many observations before those that still count move to a new one. */
const LOG_MAX = 2 * HISTORY_MAX;

/** Numbers of one observation: when it started and ended, and its phases; absent ones are NaN. */
const NUMBERS = 5;

/**
 * The newest `HISTORY_MAX` observations. Immutable: `withObservation` returns a new history. Histories
 * that follow on one another share `log`, of which each knows its own part.
 */
export interface History {
  readonly log: HistoryLog | undefined;
  /** Where its part of the log ends. */
  readonly end: number;
}

/** What an observation says beside its numbers. */
type Finding = Pick<Observation, "code" | "isHard" | "detail" | "warning">;

interface HistoryLog {
  /** Of all histories that share it, how far the longest goes. */
  end: number;
  /** An array of nothing but doubles is one object, into which the collector need not look. */
  readonly numbers: number[];
  readonly findings: Finding[];
}

export const EMPTY_HISTORY: History = { log: undefined, end: 0 };

/** Most findings are this one. */
const GOOD: Finding = { code: "ok", isHard: false, detail: "" };

/** `history` with `seen` as its newest; the oldest makes room when it is full. Costs O(1) on average. */
export function withObservation({ log, end }: History, seen: Observation): History {
  // Nobody else can have used a place behind the longest part: who follows on a shorter one gets a
  // log of its own.
  const isRoom = log !== undefined && log.end === end && end < LOG_MAX;
  const next = isRoom ? log : newLog(log, end);
  put(next, seen);
  return { log: next, end: next.end };
}

/** What a history holds, oldest first. */
export function observationsOf({ log, end }: History): readonly Observation[] {
  if (log === undefined) return [];
  const first = Math.max(0, end - HISTORY_MAX);
  return Array.from({ length: end - first }, (_, i) => observationAt(log, first + i));
}

/** A log with what still counts of another when one more comes. */
function newLog(old: HistoryLog | undefined, oldEnd: number): HistoryLog {
  const first = Math.max(0, oldEnd - HISTORY_MAX + 1);
  const numbers = new Array<number>(LOG_MAX * NUMBERS).fill(Number.NaN);
  if (old === undefined) return { end: 0, numbers, findings: [] };
  for (let i = first * NUMBERS; i < oldEnd * NUMBERS; i++) {
    numbers[i - first * NUMBERS] = old.numbers[i] as number;
  }
  return { end: oldEnd - first, numbers, findings: old.findings.slice(first, oldEnd) };
}

function put(log: HistoryLog, seen: Observation): void {
  const { startedMs, endedMs, phases } = seen;
  const { numbers } = log;
  const at = log.end * NUMBERS;
  numbers[at] = startedMs;
  numbers[at + 1] = endedMs;
  numbers[at + 2] = phases.connectMs ?? Number.NaN;
  numbers[at + 3] = phases.tlsMs ?? Number.NaN;
  numbers[at + 4] = phases.firstByteMs ?? Number.NaN;
  log.findings.push(findingOf(seen));
  log.end++;
}

function findingOf({ code, isHard, detail, warning }: Observation): Finding {
  if (code === "ok" && !isHard && detail === "" && warning === undefined) return GOOD;
  return { code, isHard, detail, ...(warning !== undefined && { warning }) };
}

function observationAt({ numbers, findings }: HistoryLog, place: number): Observation {
  const [startedMs = 0, endedMs = 0, ...phases] = numbers.slice(
    place * NUMBERS,
    (place + 1) * NUMBERS,
  );
  return { ...GOOD, ...findings[place], startedMs, endedMs, phases: phasesOf(phases) };
}

function phasesOf([connectMs, tlsMs, firstByteMs]: readonly number[]): ObservationPhases {
  return {
    ...(isKnown(connectMs) && { connectMs }),
    ...(isKnown(tlsMs) && { tlsMs }),
    ...(isKnown(firstByteMs) && { firstByteMs }),
  };
}

function isKnown(ms: number | undefined): ms is number {
  return ms !== undefined && !Number.isNaN(ms);
}
