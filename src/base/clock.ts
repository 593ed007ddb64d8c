// Time as an argument. Two kinds that are never compared with each other:
// monotonic milliseconds for durations, wall milliseconds for stamps that people read.

/** The clock a shell is given in its constructor; pure code gets plain numbers from it. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start, with fractions; never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z; may jump in either direction. */
  wallMs(): number;
}

/** Takes back what a `Timers` call has planned; harmless when it has already run. */
export type Cancel = () => void;

/** Delayed calls, on the same monotonic time as `Clock.nowMs`. */
export interface Timers {
  /** Calls `run` once, not before `delayMs` (0 or more) has passed. */
  after(delayMs: number, run: () => void): Cancel;
}

/** A clock and its timers, as every shell that waits for something needs them. */
export interface Time extends Clock, Timers {}
