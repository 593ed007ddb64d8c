// A timer that is moved much more often than it rings: putting it off costs nothing, because it is
// left where it hangs and looks, when it rings too early, for when it is due.

import type { Cancel, Time } from "../base/clock.ts";

const NEVER_MS = Number.POSITIVE_INFINITY;

/** One moment to come, moved at will. */
export class LateTimer {
  readonly #time: Time;
  readonly #ring: () => void;
  #dueMs = NEVER_MS;
  #hangsMs = NEVER_MS;
  #cancel: Cancel | undefined;

  /** @param ring called once for each planned moment that was not moved, at or after it. */
  constructor(time: Time, ring: () => void) {
    this.#time = time;
    this.#ring = ring;
  }

  /** Replaces the moment planned before, by none where it is undefined. Monotonic milliseconds. */
  plan(atMs: number | undefined, nowMs: number): void {
    this.#dueMs = atMs ?? NEVER_MS;
    if (this.#dueMs >= this.#hangsMs) return;
    this.#cancel?.();
    this.#hang(nowMs);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#hangsMs = NEVER_MS;
    this.#dueMs = NEVER_MS;
  }

  #hang(nowMs: number): void {
    this.#hangsMs = this.#dueMs;
    this.#cancel = this.#time.after(Math.max(0, this.#dueMs - nowMs), this.#look);
  }

  /** One function for all times that it hangs. */
  readonly #look = (): void => {
    this.#hangsMs = NEVER_MS;
    this.#cancel = undefined;
    if (this.#dueMs === NEVER_MS) return;
    const nowMs = this.#time.nowMs();
    if (nowMs < this.#dueMs) {
      this.#hang(nowMs);
      return;
    }
    this.#dueMs = NEVER_MS;
    this.#ring();
  };
}
