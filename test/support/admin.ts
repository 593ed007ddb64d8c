// An API with nothing behind it, for tests that are about something else.

import { Changes } from "../../src/admin/changes.ts";
import { EventFeed } from "../../src/admin/event-feed.ts";
import type { AdminHandlers } from "../../src/admin/server.ts";
import { Refusal } from "../../src/base/refusal.ts";
import { SimulatedTime } from "./simulated-time.ts";

function refuse(): never {
  throw new Refusal("conflict", "NO_SERVER", "No server is behind this API");
}

/** Refuses every order. */
export const REFUSING: AdminHandlers = {
  status: refuse,
  reload: refuse,
  swaps: { swaps: refuse, propagation: refuse },
  feed: new EventFeed(),
  operators: {
    ...{ force: refuse, unforce: refuse, approve: refuse, explain: refuse, drill: refuse },
    failback: refuse,
    drains: { drain: refuse, undrain: refuse, list: refuse },
    drills: { report: refuse, list: refuse },
  },
  time: new SimulatedTime(),
  changes: new Changes(new SimulatedTime(), () => undefined),
  version: "0.0.0",
  zones: { zones: refuse, records: refuse, edit: refuse, retransfer: refuse },
  heartbeat: refuse,
  unready: () => undefined,
  metrics: refuse,
};
