// Measures a probe's phases, one after the other.

import type { Clock } from "../../base/clock.ts";
import type { ObservationPhases } from "../../health/observation.ts";

/** Runs from its making; a phase begins where the one before ended. All in milliseconds. */
export class PhaseClock {
  readonly #clock: Clock;
  #sinceMs: number;
  #phases: ObservationPhases = {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** The phases that were finished. */
  get phases(): ObservationPhases {
    return this.#phases;
  }

  /** Ends a phase; a phase ends only once. */
  end(phase: keyof ObservationPhases): void {
    if (this.#phases[phase] !== undefined) return;
    const nowMs = this.#clock.nowMs();
    this.#phases = { ...this.#phases, [phase]: nowMs - this.#sinceMs };
    this.#sinceMs = nowMs;
  }
}
