// Notices when time itself cannot be trusted: a wall clock that jumped, or a loop that stood still.
// Then the engine watches without acting for a while (the idea of Redis Sentinel's TILT).

/** What the guard knows; monotonic and wall milliseconds are kept apart and never compared. */
export interface ClockGuard {
  readonly lastNowMs: number;
  readonly lastWallMs: number;
  /** Monotonic milliseconds until which nothing is decided. */
  readonly holdUntilMs: number;
}

/** Between two beats at most this much may pass, own work aside, before the loop counts as stalled. */
const STALL_MS = 1500;
/** Deciding for every pool there is takes less; what takes longer was no work of ours alone. */
const OWN_WORK_MAX_MS = 5000;
/** A difference between wall and monotonic progress above this counts as a jump. */
const JUMP_MS = 2000;
/** Time for probes that were under way during the gap to end and for fresh ones to report. */
export const HOLD_MS = 3000;
/** The guard wants to be beaten this often. */
export const BEAT_MS = 250;

/** A guard that trusts the two clocks it is first shown. */
export function newClockGuard(nowMs: number, wallMs: number): ClockGuard {
  return { lastNowMs: nowMs, lastWallMs: wallMs, holdUntilMs: 0 };
}

/**
 * One beat. `gapMs` is set when this beat found a stall or a jump: the greater of the two.
 *
 *   monotonic gap   wall against monotonic   outcome
 *   normal          together                 nothing
 *   own work        together                 nothing: what waits in the sockets is read before a timeout
 *   long            together                 stall: our own lateness explains late probes
 *   normal          apart                    jump: stored times lie, durations do not; watch anyway
 *
 * @param ownWorkMs how much of the time since the last beat went into decisions and what follows.
 */
export function beat(
  guard: ClockGuard,
  { nowMs, wallMs, ownWorkMs }: { nowMs: number; wallMs: number; ownWorkMs: number },
): { readonly guard: ClockGuard; readonly gapMs?: number } {
  const passedMs = nowMs - guard.lastNowMs;
  const drift = Math.abs(wallMs - guard.lastWallMs - passedMs);
  const isStall = passedMs - Math.min(ownWorkMs, OWN_WORK_MAX_MS) > STALL_MS;
  const isJump = drift > JUMP_MS;
  const next = { lastNowMs: nowMs, lastWallMs: wallMs, holdUntilMs: guard.holdUntilMs };
  if (!isStall && !isJump) return { guard: next };
  const gapMs = Math.max(isStall ? passedMs : 0, isJump ? drift : 0);
  return { guard: { ...next, holdUntilMs: nowMs + HOLD_MS }, gapMs };
}
