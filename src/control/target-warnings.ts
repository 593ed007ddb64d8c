// What is doubtful about targets that answer well, such as a certificate that ends soon: said when
// it begins, when it changes and when it is over, and never in between.

import { event } from "../events/event.ts";
import type { Observation } from "../health/observation.ts";
import type { EventSink } from "./ports.ts";

/** Follows the warnings of all targets. */
export class TargetWarnings {
  readonly #emit: EventSink;
  /** By target id; targets without a warning are left out. */
  readonly #warnings = new Map<string, string>();

  constructor(emit: EventSink) {
    this.#emit = emit;
  }

  /** Takes one observation; a failed one says nothing about warnings. */
  note(targetId: string, target: string, observation: Observation): void {
    if (observation.code !== "ok") return;
    const { warning } = observation;
    if (this.#warnings.get(targetId) === warning) return;
    if (warning === undefined) {
      this.#warnings.delete(targetId);
      this.#emit(event("target.unwarned", `${target}: what was doubtful is over`, { target }));
      return;
    }
    this.#warnings.set(targetId, warning);
    this.#emit(event("target.warned", `${target} is well, but ${warning}`, { target, warning }));
  }

  /** A target is probed no more. */
  forget(targetId: string): void {
    this.#warnings.delete(targetId);
  }
}
