// A few shared words between a thread and whoever keeps it: they reach a thread whose event loop
// never turns, and cost the thread one store each time round.

import type { Cancel, Timers } from "./clock.ts";

const BEATS = 0;
const STOP = 1;
const MAIL = 2;
const WORDS = 3;

/** Shared memory for one `Pulse`, all zero; a new thread gets a new one. */
export function createPulse(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Heartbeat, stop flag and mail counter of one thread.
 *
 * The thread alone beats; its keeper alone stops it and announces mail. Counters wrap at 2^32, so
 * they are only ever compared for being different.
 */
export class Pulse {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Says that the thread is alive. */
  beat(): void {
    Atomics.add(this.#words, BEATS, 1);
  }

  /** Changes whenever the thread has beaten. */
  beats(): number {
    return Atomics.load(this.#words, BEATS);
  }

  /** Asks the thread to end by itself. */
  requestStop(): void {
    Atomics.store(this.#words, STOP, 1);
  }

  isStopRequested(): boolean {
    return Atomics.load(this.#words, STOP) !== 0;
  }

  /** Tells the thread that a message was posted to it; to be called after posting. */
  announceMail(): void {
    Atomics.add(this.#words, MAIL, 1);
  }

  /** Changes whenever mail was announced. */
  mail(): number {
    return Atomics.load(this.#words, MAIL);
  }
}

/** Beats every `everyMs` milliseconds, for a thread whose event loop turns; returns what ends it. */
export function beatRegularly(pulse: Pulse, timers: Timers, everyMs: number): Cancel {
  let cancel: Cancel;
  const next = (): void => {
    pulse.beat();
    cancel = timers.after(everyMs, next);
  };
  next();
  return () => cancel();
}
