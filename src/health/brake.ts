// The correlated-failure brake: when half of everything fails at once and the anchors fail too, it
// is the prober that is cut off, and nothing is held against the targets for a while.

import { formatDuration } from "../base/duration.ts";
import type { HealthSettings } from "./settings.ts";

/** What the brake looks at. */
export interface BrakeInput {
  readonly targets: readonly BrakeTarget[];
  /** Addresses that are there whatever happens to the targets: a gateway, a resolver. */
  readonly anchors: readonly BrakeTarget[];
  /** Of the brake's last call; undefined at first. */
  readonly sinceMs: number | undefined;
  readonly nowMs: number;
}

/** A target or anchor as the brake sees it. */
export interface BrakeTarget {
  /** When what stands against it first showed, or when it went down; undefined while it is well. */
  readonly faultMs: number | undefined;
  readonly intervalMs: number;
}

/** Whether the brake is on, and why. */
export interface Brake {
  readonly isHolding: boolean;
  readonly why: string;
  /** When it was put on; kept while it is spent, until an anchor answers. For the next call. */
  readonly sinceMs: number | undefined;
  /** When the last of the anchors failed, while that may mean something; see `brakedUntilMs`. */
  readonly lostMs: number | undefined;
  /** Targets that have failed lately; 0 where nobody has counted. */
  readonly failing: number;
}

/**
 * Settings whose verdicts the brake can hold back: the anchors are asked at the first failure, and have
 * to answer before the last. Beside anchors one failure is no verdict, whatever `fall` says.
 */
export function brakeable(settings: HealthSettings): HealthSettings {
  return settings.fall >= FALL_MIN ? settings : { ...settings, fall: FALL_MIN };
}

/** The longest it holds, in milliseconds. */
export const BRAKE_MAX_MS = 120_000;
/** Fewer targets than this are no correlation. */
const TARGETS_MIN = 4;
const SHARE_MIN = 0.5;
const INTERVALS = 2;
const FALL_MIN = 2;

/** As it is before anything was seen. */
export const RELEASED: Brake = off("nothing was seen yet");

/**
 * Decides whether verdicts are held back.
 *
 *   targets failed within 2 intervals   anchors          brake
 *   any                                 none named       off: nothing tells us from them
 *   any                                 one answers      off: the network is there
 *   less than 4 targets in all          all fail         off: too few to tell
 *   less than half                      all fail         off, or goes on while it holds
 *   half and more                       all fail         hold, at most 120 s
 *
 * After 120 s it is off until an anchor has answered again: a real disaster is believed in the end.
 */
export function brake(input: BrakeInput): Brake {
  const { targets, anchors, nowMs } = input;
  if (anchors.length === 0) return off("no anchors are named");
  const lostMs = lostSinceMs(anchors);
  if (lostMs === undefined) return off("an anchor answers");
  if (targets.length < TARGETS_MIN) return off(`fewer than ${TARGETS_MIN} targets`);
  const failing = targets.filter((target) => isRecent(target, nowMs)).length;
  const isCorrelated = failing >= targets.length * SHARE_MIN;
  if (input.sinceMs === undefined && !isCorrelated) {
    return { ...off("less than half of them fail"), lostMs, failing };
  }
  const sinceMs = input.sinceMs ?? nowMs;
  if (nowMs >= sinceMs + BRAKE_MAX_MS) {
    const why = `it held for ${formatDuration(BRAKE_MAX_MS)}, the most it may`;
    return { isHolding: false, why, sinceMs, lostMs, failing };
  }
  const why = `${failing} of ${targets.length} targets and every anchor fail: it may be us`;
  return { isHolding: true, why, sinceMs, lostMs, failing };
}

/**
 * Until when a target of this interval is not to be believed down; undefined: nothing is held.
 *
 *   brake                       until
 *   holds, or is spent          120 s after it was put on
 *   off, every anchor fails     2 intervals after that: the others have had their turn to fail too
 *   off, an anchor answers      (nothing is held)
 */
export function brakedUntilMs(
  { sinceMs, lostMs }: Pick<Brake, "sinceMs" | "lostMs">,
  intervalMs: number,
): number | undefined {
  if (sinceMs !== undefined) return sinceMs + BRAKE_MAX_MS;
  if (lostMs === undefined) return undefined;
  return lostMs + Math.min(INTERVALS * intervalMs, BRAKE_MAX_MS);
}

/** When the last of them failed; undefined: one answers. */
function lostSinceMs(anchors: readonly BrakeTarget[]): number | undefined {
  const faults = anchors.map(({ faultMs }) => faultMs).filter((atMs) => atMs !== undefined);
  return faults.length < anchors.length ? undefined : Math.max(...faults);
}

function isRecent({ faultMs, intervalMs }: BrakeTarget, nowMs: number): boolean {
  return faultMs !== undefined && nowMs <= faultMs + INTERVALS * intervalMs;
}

function off(why: string): Brake {
  return { isHolding: false, why, sinceMs: undefined, lostMs: undefined, failing: 0 };
}
