// The status report as events: what a reader is told who was not there from the beginning.

import { counted } from "../base/count.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import { EVENTS_VERSION } from "../events/line.ts";
import type { StatusReport } from "./status.ts";

/** Entries in one event: a line of the log stays below some 30 kB. */
const PART = 50;

/** How everything stands, from `state.server` to `state.told`. */
export function snapshotEvents(report: StatusReport): readonly LivezoneEvent[] {
  const { version, startedWallMs, transport, listen, threads, store } = report;
  const { zones, pools, targets, brake, fault } = report;
  const holds = [
    counted(zones.length, "zone"),
    counted(pools.length, "pool"),
    counted(targets.length, "target"),
  ].join(", ");
  return [
    event("state.server", `State: livezone ${version}, ${holds}`, {
      ...{ version, events: EVENTS_VERSION, startedWallMs, transport, listen, threads, store },
      ...(brake !== undefined && { brake }),
      ...(fault !== undefined && { fault }),
    }),
    ...parts(zones).map((part) =>
      event("state.zones", `State of ${counted(part.length, "zone")}`, { zones: part }),
    ),
    ...parts(pools).map((part) =>
      event("state.pools", `State of ${counted(part.length, "pool")}`, { pools: part }),
    ),
    ...parts(targets).map((part) =>
      event("state.targets", `State of ${counted(part.length, "target")}`, { targets: part }),
    ),
    event("state.told", "All state is told", {
      ...{ zones: zones.length, pools: pools.length, targets: targets.length },
    }),
  ];
}

function parts<T>(all: readonly T[]): T[][] {
  const cut: T[][] = [];
  for (let at = 0; at < all.length; at += PART) cut.push(all.slice(at, at + PART));
  return cut;
}
