// Measures a probe's phases, one after the other.

import type { ObservationPhases } from "../../health/observation.ts";

/** Runs from its making; a phase begins where the one before ended. All in milliseconds. */
export class PhaseClock {
  readonly #nowMs: () => number;
  #sinceMs: number;
  #phases: ObservationPhases = {};

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  /** The phases that were finished. */
  get phases(): ObservationPhases {
    return this.#phases;
  }

  get isConnected(): boolean {
    return this.#phases.connectMs !== undefined;
  }

  /** Ends a phase; a phase ends only once. */
  end(phase: keyof ObservationPhases): void {
    if (this.#phases[phase] !== undefined) return;
    const nowMs = this.#nowMs();
    this.#phases = { ...this.#phases, [phase]: nowMs - this.#sinceMs };
    this.#sinceMs = nowMs;
  }
}
