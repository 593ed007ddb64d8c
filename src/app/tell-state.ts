// Tells how everything stands, so that a log that begins anywhere can be understood: at the start,
// once an hour, and soon after a zone or its pools were taken up.

import type { Cancel, Timers } from "../base/clock.ts";
import type { EventSink } from "../control/ports.ts";
import type { EventName } from "../events/catalog.ts";
import { snapshotEvents } from "../view/snapshot.ts";
import type { StatusReport } from "../view/status.ts";

const EVERY_MS = 3_600_000;
/** Zones are often taken up many at a time: one telling for all of them. */
const SOON_MS = 1000;
/** What changes more than the lines themselves say. */
const TELLING: readonly EventName[] = [
  "zone.loaded",
  "zone.removed",
  "pools.loaded",
  "pools.warned",
  "config.loaded",
];

/** What a teller is given. */
export interface TellerPorts {
  readonly timers: Timers;
  readonly emit: EventSink;
  readonly status: () => StatusReport;
}

/** Nothing is told before `begin`. */
export class StateTeller {
  readonly #ports: TellerPorts;
  #hasBegun = false;
  #cancel: Cancel = () => undefined;
  #isSoon = false;

  constructor(ports: TellerPorts) {
    this.#ports = ports;
  }

  /** The control plane is there. */
  begin(): void {
    this.#hasBegun = true;
    this.soon();
  }

  /** Follows what is said. */
  heard(name: EventName): void {
    if (TELLING.includes(name)) this.soon();
  }

  /** Tells everything in a moment, once for all calls until then. */
  soon(): void {
    if (!this.#hasBegun || this.#isSoon) return;
    this.#isSoon = true;
    this.#plan(SOON_MS);
  }

  close(): void {
    this.#hasBegun = false;
    this.#cancel();
  }

  #plan(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#ports.timers.after(delayMs, () => {
      this.#isSoon = false;
      for (const each of snapshotEvents(this.#ports.status())) this.#ports.emit(each);
      this.#plan(EVERY_MS);
    });
  }
}
