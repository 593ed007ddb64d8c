// A clock that stands still until it is told to run, synchronously: no promise, socket or file watcher
// gets a turn in between. (Also used by test/probe.)

import type { Cancel, Time } from "../../src/base/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class SimulatedTime implements Time {
  /** How much the clock goes on whenever it is looked at. */
  stepMs = 0;
  #nowMs = 1000.25;
  #order = 0;
  #ran = 0;
  readonly #wallStartMs: number;
  readonly #timers = new Set<Timer>();

  constructor(wallStartMs = Date.UTC(2030, 0, 1)) {
    this.#wallStartMs = wallStartMs;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** How many timers have run. */
  get ran(): number {
    return this.#ran;
  }

  nowMs(): number {
    this.#nowMs += this.stepMs;
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves the clock on without running a timer, as a stalled loop does. */
  stall(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  /** Runs every timer that comes due within `durationMs`, each at its time. */
  run(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#ran++;
      next.run();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      const isSooner =
        next === undefined ||
        timer.atMs < next.atMs ||
        (timer.atMs === next.atMs && timer.order < next.order);
      if (isSooner) next = timer;
    }
    return next;
  }
}
