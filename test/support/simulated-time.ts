// Time that a test moves by hand: timers run in order, at exactly their moment.

import type { Cancel, Time } from "../../src/base/clock.ts";

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A `Time` that stands still until it is told to go on. */
export class SimulatedTime implements Time {
  #nowMs = 1000;
  #wallOffsetMs = Date.UTC(2026, 0, 1);
  #order = 0;
  #planned: Planned[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const planned = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#planned.push(planned);
    return () => {
      this.#planned = this.#planned.filter((other) => other !== planned);
    };
  }

  /** Moves the wall clock alone, as a step of NTP does. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets time pass without running a timer, as a loop that stands still does. */
  stall(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Lets `durationMs` pass; between two timers every promise that can settle does. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await settle();
    for (;;) {
      const next = this.#planned
        .filter((planned) => planned.atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#planned = this.#planned.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

/** Gives every promise that is already decided its turn. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
