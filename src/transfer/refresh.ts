// When a zone that is copied from a primary is looked at again, and until when the copy may be answered
// (RFC 1034 section 4.3.5, RFC 1996 section 3.11). Monotonic milliseconds.
//
//   what happens                      the next look                         expires
//   nothing was copied yet            at once, then after 1, 2, 4 … 60 s    –
//   a start with a copy               at once                               EXPIRE after it was confirmed
//   a primary has confirmed the copy  after REFRESH                         EXPIRE from now on
//   no primary has                    after RETRY                           as before
//   a NOTIFY                          at once, or 1 s after the last look   as before

/** The times that the zone's SOA asks for, seconds. */
export interface RefreshTimes {
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
}

/** What is known of a copy. */
export interface Refresh {
  /** Undefined: there is no copy yet. */
  readonly times: RefreshTimes | undefined;
  /** When a primary last had nothing newer, or has given it. */
  readonly confirmedMs: number;
  readonly lookedMs: number;
  readonly dueMs: number;
  /** Looks without success, in a row. */
  readonly failures: number;
}

/** Knot's least refresh and retry: an SOA may ask for 0, and a primary is not to be hammered. */
const TIME_MIN_SECONDS = 2;
const FIRST_RETRY_MS = 1000;
const FIRST_RETRY_MAX_MS = 60_000;
/** However many NOTIFYs come. */
export const LOOK_SPACING_MS = 1000;
/** Looks come up to this share earlier, so that many zones of one primary do not come at once. */
const SPREAD = 0.1;

/** Nothing was copied yet. */
export function emptyCopy(nowMs: number): Refresh {
  const lookedMs = Number.NEGATIVE_INFINITY;
  return { times: undefined, confirmedMs: nowMs, lookedMs, dueMs: nowMs, failures: 0 };
}

/** A copy from before the start. */
export function heldCopy(times: RefreshTimes, confirmedMs: number, nowMs: number): Refresh {
  return { ...emptyCopy(nowMs), times, confirmedMs };
}

/** A look begins. */
export function looking(state: Refresh, nowMs: number): Refresh {
  return { ...state, lookedMs: nowMs, dueMs: Number.POSITIVE_INFINITY };
}

/** A primary has confirmed the copy, or has given a newer one. @param spread 0 to 1, at random */
export function confirmed(
  state: Refresh,
  times: RefreshTimes,
  { nowMs, spread }: { readonly nowMs: number; readonly spread: number },
): Refresh {
  const refreshMs = atLeast(times.refresh) * (1 - SPREAD * spread);
  return {
    ...state,
    times,
    confirmedMs: nowMs,
    dueMs: next(state, nowMs + refreshMs),
    failures: 0,
  };
}

/** No primary has. @param spread 0 to 1, at random */
export function unconfirmed(
  state: Refresh,
  { nowMs, spread }: { readonly nowMs: number; readonly spread: number },
): Refresh {
  const { times, failures } = state;
  const retryMs =
    times === undefined
      ? Math.min(FIRST_RETRY_MAX_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 16))
      : atLeast(times.retry);
  const dueMs = next(state, nowMs + retryMs * (1 - SPREAD * spread));
  return { ...state, dueMs, failures: failures + 1 };
}

/** A NOTIFY has come: also during a look, behind which there is then another. */
export function notifiedOf(state: Refresh, nowMs: number): Refresh {
  const soonMs = Math.max(nowMs, state.lookedMs + LOOK_SPACING_MS);
  return { ...state, dueMs: Math.min(state.dueMs, soonMs) };
}

/** Until when the copy may be answered; undefined: there is none. */
export function expiresMs({ times, confirmedMs }: Refresh): number | undefined {
  if (times === undefined) return undefined;
  // An EXPIRE below the others would let the copy go before anybody has been asked (as BIND has it).
  const least = Math.max(times.refresh, TIME_MIN_SECONDS) + Math.max(times.retry, TIME_MIN_SECONDS);
  return confirmedMs + Math.max(times.expire, least) * 1000;
}

/** What a NOTIFY during the look has asked for comes first. */
function next({ dueMs }: Refresh, atMs: number): number {
  return Math.min(dueMs, atMs);
}

function atLeast(seconds: number): number {
  return Math.max(seconds, TIME_MIN_SECONDS) * 1000;
}
