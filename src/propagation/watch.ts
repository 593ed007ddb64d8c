// When a resolver is asked what it answers for a name: soon after a swap and until it shows the new
// answer, and now and then between swaps. Values only; times are monotonic milliseconds.

/** How one name is asked of one resolver. */
export interface Watch {
  readonly nextMs: number;
  /** When what it should answer last changed. */
  readonly changedMs: number;
  /** It has not shown what it should answer since then. */
  readonly isBehind: boolean;
  /** Questions without an answer, in a row. */
  readonly failures: number;
}

/** What came of a question. */
export type Outcome =
  | { readonly kind: "current" }
  | { readonly kind: "other"; readonly leftMs: number }
  | { readonly kind: "failed" };

/** When answers that were on their way have come. */
const FIRST_MS = 200;
/** A resolver counts whole seconds: it has let go of a copy by then. */
const AFTER_MS = 500;
const PAUSE_LEAST_MS = 1000;
/** A copy that is let go of before its time is noticed within this. */
const PAUSE_MOST_MS = 15_000;
const PAUSE_LATE_MS = 60_000;
const RETRY_FIRST_MS = 1000;
/** One that has not moved for so long will not: it is asked as seldom as others. */
const GIVEN_UP_MS = 86_400_000;

/** One that is asked now and then, from a moment on. */
export function beginWatch(nextMs: number): Watch {
  return { nextMs, changedMs: Number.NEGATIVE_INFINITY, isBehind: false, failures: 0 };
}

/** Another answer is right from now on. */
export function afterChange(nowMs: number): Watch {
  return { nextMs: nowMs + FIRST_MS, changedMs: nowMs, isBehind: true, failures: 0 };
}

/**
 * What came of a question.
 *
 *   it answered        and then
 *   what it should     at the next sweep
 *   something else     when that should be over, and when no honest cache can hold it; each 15 s at
 *                      least, and each minute once it is late by far
 *   nothing            after 1, 2, 4 … 60 s while it is behind; at the next sweep otherwise
 *
 * @param boundMs when no honest cache can hold the old answer any more, where that is known.
 */
export function afterQuestion(
  watch: Watch,
  outcome: Outcome,
  at: { readonly nowMs: number; readonly sweepMs: number; readonly boundMs: number | undefined },
): Watch {
  const { nowMs, sweepMs } = at;
  const sinceMs = nowMs - watch.changedMs;
  switch (outcome.kind) {
    case "current":
      return { ...watch, nextMs: nowMs + sweepMs, isBehind: false, failures: 0 };
    case "other": {
      const isBehind = sinceMs < GIVEN_UP_MS;
      if (!isBehind) return { ...watch, nextMs: nowMs + sweepMs, isBehind, failures: 0 };
      const mostMs = clamp(sinceMs / 10, PAUSE_MOST_MS, PAUSE_LATE_MS);
      const overMs = nowMs + clamp(outcome.leftMs + AFTER_MS, PAUSE_LEAST_MS, mostMs);
      const lateMs = (at.boundMs ?? Number.NEGATIVE_INFINITY) + FIRST_MS;
      const nextMs = lateMs > nowMs ? Math.min(overMs, lateMs) : overMs;
      return { ...watch, nextMs, isBehind, failures: 0 };
    }
    case "failed": {
      const failures = watch.failures + 1;
      const pauseMs = Math.min(PAUSE_LATE_MS, RETRY_FIRST_MS * 2 ** Math.min(watch.failures, 16));
      const isUrgent = watch.isBehind && sinceMs < GIVEN_UP_MS;
      return { ...watch, nextMs: nowMs + (isUrgent ? pauseMs : sweepMs), failures };
    }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
