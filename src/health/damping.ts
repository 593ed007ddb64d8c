// Flap damping, after RFC 2439: an address that keeps failing is kept out for a while once it is
// back. It delays a return, never a removal, and never keeps out the last healthy member.

/** The numbers of damping. Durations are milliseconds. */
export interface DampingSettings {
  /** Added for each change from up to down that came from outside. */
  readonly penaltyPerFall: number;
  /** The penalty halves in this time. */
  readonly halfLifeMs: number;
  /** From this penalty on the address is suppressed. */
  readonly suppressAt: number;
  /** At or below it a suppressed address may be used again. */
  readonly reuseAt: number;
  /** The longest suppression after the last fall: the penalty is capped so that it fits. */
  readonly suppressMaxMs: number;
}

/** The defaults of the design's table: RFC 2439 scaled to probes. */
export const DEFAULT_DAMPING: DampingSettings = {
  penaltyPerFall: 1000,
  halfLifeMs: 600_000,
  suppressAt: 3000,
  reuseAt: 1000,
  suppressMaxMs: 1_800_000,
};

/** What is held of one address; plain data, so that the store can keep it. */
export interface Damping {
  /** The penalty as it was at `atMs`. */
  readonly penalty: number;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly isSuppressed: boolean;
}

/** An address that never fell. */
export const UNDAMPED: Damping = { penalty: 0, atMs: 0, isSuppressed: false };

/** The penalty at a moment: halved every half-life since it was last counted. */
export function penaltyAt(damping: Damping, settings: DampingSettings, nowMs: number): number {
  const halvings = Math.max(0, nowMs - damping.atMs) / settings.halfLifeMs;
  return damping.penalty * 2 ** -halvings;
}

/**
 * Counts a change from up to down. Forced states, maintenance windows and drills are none: the
 * caller leaves them out.
 *
 * With the defaults four falls within three minutes of each other suppress (three only when they
 * come at once, which `rise` does not allow); then it takes 951 s of peace from 3000 to 1000.
 */
export function withFall(damping: Damping, settings: DampingSettings, nowMs: number): Damping {
  const most = settings.reuseAt * 2 ** (settings.suppressMaxMs / settings.halfLifeMs);
  const sum = penaltyAt(damping, settings, nowMs) + settings.penaltyPerFall;
  const penalty = Math.min(most, sum);
  const isSuppressed = isDamped(damping, settings, nowMs) || penalty >= settings.suppressAt;
  return { penalty, atMs: nowMs, isSuppressed };
}

/** Whether the address is kept out at a moment. */
export function isDamped(damping: Damping, settings: DampingSettings, nowMs: number): boolean {
  const reusableMs = reusableAtMs(damping, settings);
  return reusableMs !== undefined && nowMs < reusableMs;
}

/** When a suppressed address may be used again, if it does not fall before; else `undefined`. */
export function reusableAtMs(damping: Damping, settings: DampingSettings): number | undefined {
  if (!damping.isSuppressed) return undefined;
  const halvings = Math.log2(damping.penalty / settings.reuseAt);
  return damping.atMs + Math.max(0, halvings) * settings.halfLifeMs;
}
