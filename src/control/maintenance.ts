// Maintenance windows: at their time a member is forced down until they end, if its pools can do
// without it. The forced state has an end of its own, which the store knows: it outlives a restart.

import type { Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { MaintenanceWindow } from "../failover/pool.ts";
import { describeForced, inForce } from "../health/forced.ts";
import type { Engine } from "./engine.ts";
import type { EventSink } from "./ports.ts";

/** What windows are given. */
export interface MaintenancePorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly engine: Engine;
  /** Why an address cannot be taken out of all its pools, if it cannot. */
  readonly refusalToTakeOut: (address: string) => string | undefined;
}

/** A window by the calendar. */
export interface PlannedWindow extends MaintenanceWindow {
  readonly pool: string;
}

/** The windows of all pools. */
export class Maintenance {
  readonly #ports: MaintenancePorts;

  constructor(ports: MaintenancePorts) {
    this.#ports = ports;
  }

  /** The windows that pools are to have by the calendar. */
  planned(): readonly PlannedWindow[] {
    const planned: PlannedWindow[] = [];
    // Of thousands of pools few have any.
    for (const { pool } of this.#ports.engine.pools.values()) {
      if (pool.maintenance === undefined) continue;
      const owner = nameToDisplay(pool.owner);
      planned.push(...pool.maintenance.map((window) => ({ pool: owner, ...window })));
    }
    return planned;
  }

  /** The calendar says it is time. A refusal is told: nobody waits for an answer. */
  startPlanned(window: PlannedWindow): void {
    const { engine, emit } = this.#ports;
    const { pool, member, forMs, reason } = window;
    const runtime = [...engine.pools.values()].find(
      (one) => nameToDisplay(one.pool.owner) === pool,
    );
    const found = runtime?.pool.members.find(({ id }) => id === member);
    const addresses = [found?.v4, found?.v6].filter((address) => address !== undefined);
    for (const address of addresses) {
      const refusal = this.#refusal(address);
      if (refusal === undefined) continue;
      const msg = `No maintenance of ${address}: ${refusal}`;
      emit(event("maintenance.refused", msg, { pool, member, reason: refusal }));
      return;
    }
    const msg = `Maintenance takes ${member} out of ${pool} for ${formatDuration(forMs)}: ${reason}`;
    emit(event("maintenance.started", msg, { pool, member, reason, forMs }));
    for (const address of addresses) {
      const order = { address, state: "down", author: "schedule", reason, forMs } as const;
      engine.addresses.forced.force(order);
    }
  }

  #refusal(address: string): string | undefined {
    const { engine, time, refusalToTakeOut } = this.#ports;
    const forced = engine.addresses.forced.of(address);
    if (forced !== undefined && inForce(forced, time.nowMs()) !== undefined) {
      return `it is ${describeForced(forced)}`;
    }
    return refusalToTakeOut(address);
  }
}
