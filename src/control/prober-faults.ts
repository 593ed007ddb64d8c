// When the prober itself fails (no descriptors, no route of our own), said once at its beginning and
// once at its end. No target is ever blamed for it.

import type { Clock } from "../base/clock.ts";
import { event } from "../events/event.ts";
import { isProberFault, type Observation } from "../health/observation.ts";
import type { EventSink } from "./ports.ts";
import { round } from "./target-events.ts";

/** Follows the prober's faults over all targets. */
export class ProberFaults {
  readonly #clock: Clock;
  readonly #emit: EventSink;
  /** Targets whose last probe failed by the prober's own fault. */
  readonly #faulted = new Set<string>();
  #sinceMs: number | undefined;
  #detail = "";

  constructor(clock: Clock, emit: EventSink) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** What the prober suffers from now; undefined: nothing. */
  get now(): { readonly sinceMs: number; readonly detail: string } | undefined {
    const sinceMs = this.#sinceMs;
    return sinceMs === undefined ? undefined : { sinceMs, detail: this.#detail };
  }

  /** Takes one observation; tells only what it changes. */
  note(targetId: string, observation: Observation): void {
    if (!isProberFault(observation)) {
      this.forget(targetId);
      return;
    }
    this.#faulted.add(targetId);
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = this.#clock.nowMs();
    const detail = observation.detail || observation.code;
    this.#detail = detail;
    const msg = `The prober itself fails (${detail}); no target is blamed`;
    const fields = { code: observation.code, detail, targets: this.#faulted.size };
    this.#emit(event("probe.faulted", msg, fields));
  }

  /** A target was probed well, or is probed no more. */
  forget(targetId: string): void {
    this.#faulted.delete(targetId);
    if (this.#sinceMs === undefined || this.#faulted.size > 0) return;
    const durationMs = round(this.#clock.nowMs() - this.#sinceMs);
    this.#sinceMs = undefined;
    this.#emit(event("probe.recovered", "The prober works again", { durationMs }));
  }
}
