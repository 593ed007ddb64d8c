// The numbers that turn observations into belief, with the design's defaults.

import type { Calendar } from "../base/calendar.ts";

/** Thresholds and cadence of one check. All durations are milliseconds, all counts at least 1. */
export interface HealthSettings {
  /** Start to start of regular probes, 100 and more; with a schedule its longest gap. */
  readonly intervalMs: number;
  /** Deadline of one probe, at most `intervalMs`. */
  readonly timeoutMs: number;
  /** The moments of regular probes, in place of an interval. */
  readonly schedule?: Calendar;
  /** With a schedule: its next moment (monotonic), which is told anew with each step. */
  readonly turnMs?: number;
  /** Random part of each interval, 0 to 0.5 of it. */
  readonly jitterFraction: number;
  /** Failures in a row, confirm probes counted, that make a target down. */
  readonly fall: number;
  /** Successes in a row that make a down target up. */
  readonly rise: number;
  /** Start to start of the confirm probes after a hard failure. */
  readonly hardConfirmMs: number;
  /**
   * Start to start of the confirm probes after any other failure, or a late probe; an eighth of the
   * timeout where that is less, so that short timeouts are not waited for in vain.
   */
  readonly softConfirmMs: number;
  /** A probe is late after `lateFactor` times the usual duration, at least `lateMinMs`. */
  readonly lateFactor: number;
  readonly lateMinMs: number;
  /**
   * A running probe is silent, and counts beside one that used its whole timeout, after
   * `silenceFactor` times the usual duration, at least `silenceMinMs`, at most its timeout.
   */
  readonly silenceFactor: number;
  readonly silenceMinMs: number;
  /** Hard failures are believed only when they have lasted this long (services that restart in place). */
  readonly restartGraceMs: number;
  /** The second DOWN rule: this many failures without `cleanRun` successes in a row between them. */
  readonly failuresMax: number;
  readonly cleanRun: number;
  /** The third DOWN rule, off where absent: too great a share of failures lately. */
  readonly errorRate?: ErrorRate;
  /** Start to start of the probes that earn `rise` once one has succeeded; at most the interval. */
  readonly recoverMs: number;
  /** A belief without an observation for this long is stale: 3 intervals and a timeout. */
  readonly staleAfterMs: number;
}

/** Down when more than `fraction` of at least `samplesMin` observations of a window failed. */
export interface ErrorRate {
  /** 0 to 1. */
  readonly fraction: number;
  readonly windowMs: number;
  readonly samplesMin: number;
}

/** The defaults of the design's table; a check's own settings replace single fields. */
export const DEFAULT_HEALTH: HealthSettings = {
  intervalMs: 5000,
  timeoutMs: 2000,
  jitterFraction: 0.05,
  fall: 3,
  rise: 5,
  hardConfirmMs: 50,
  softConfirmMs: 250,
  lateFactor: 4,
  lateMinMs: 250,
  silenceFactor: 10,
  silenceMinMs: 1000,
  restartGraceMs: 0,
  failuresMax: 5,
  cleanRun: 10,
  recoverMs: 1000,
  staleAfterMs: 17_000,
};

/**
 * How long a probe runs before it is late, in milliseconds: never more than its timeout. While no
 * usual duration is known (0), a quarter of the timeout, so that a slow target does not get three
 * probes at its first meeting.
 */
export function lateAfterMs(usualMs: number, settings: HealthSettings): number {
  const expected = usualMs > 0 ? settings.lateFactor * usualMs : settings.timeoutMs / 4;
  return Math.min(settings.timeoutMs, Math.max(settings.lateMinMs, expected));
}

/** Start to start of the confirm probes that are not hard, in milliseconds. */
export function softGapMs(settings: HealthSettings): number {
  return Math.min(settings.softConfirmMs, settings.timeoutMs / 8);
}

/** How long a running probe must have been silent to count beside a timed-out one, in milliseconds. */
export function silentAfterMs(usualMs: number, settings: HealthSettings): number {
  const expected = Math.max(settings.silenceMinMs, settings.silenceFactor * usualMs);
  return Math.min(settings.timeoutMs, expected);
}

/** A lost SYN is sent again after this (RFC 6298 section 2). */
const TCP_RETRY_MS = 1000;

/** What is allowed but doubtful, and the setting that it is about. */
export interface Doubt {
  readonly key: "timeout" | "fall" | "rise";
  readonly sentence: string;
}

/**
 * What is allowed but doubtful about the thresholds of a check, for `livezone check`.
 *
 * @param isTcp whether it asks over TCP, which sends lost packets again.
 */
export function doubtsOf(settings: HealthSettings, isTcp: boolean): readonly Doubt[] {
  const doubts: Doubt[] = [];
  if (isTcp && settings.timeoutMs <= TCP_RETRY_MS * 1.2) {
    const sentence =
      "a lost packet is sent again after 1s, so that this timeout takes it for a failure";
    doubts.push({ key: "timeout", sentence });
  }
  if (settings.fall === 1) {
    doubts.push({ key: "fall", sentence: "fall 1 believes a single lost probe" });
  }
  if (settings.rise === 1) {
    doubts.push({ key: "rise", sentence: "rise 1 lets a flapping target come back at once" });
  }
  return doubts;
}
