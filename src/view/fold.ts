/**
 * The one reducer: events → what dashboards show. The same events yield the same state, however
 * they are cut into batches and whether they come live or from a log of last year.
 *
 *   fold.ts            the server, its threads, store and clock; the log
 *   fold-state.ts      how everything stands, when it is told as a whole
 *   fold-zones.ts      zones and their edits
 *   fold-pools.ts      pools, members, swaps, drills
 *   fold-spread.ts     how far swaps have spread
 *   fold-targets.ts    targets, and what counts of addresses
 *   fold-orders.ts     planned moves, and who changed what
 */

import type { LivezoneEvent } from "../events/event.ts";
import type { LoggedEvent } from "../events/line.ts";
import { Draft } from "./draft.ts";
import { foldOrder } from "./fold-orders.ts";
import { foldPool } from "./fold-pools.ts";
import { foldSpread } from "./fold-spread.ts";
import { foldState } from "./fold-state.ts";
import { foldTarget } from "./fold-targets.ts";
import { foldZone } from "./fold-zones.ts";
import {
  EMPTY_VIEW,
  type LogEntry,
  type ServerView,
  type ThreadView,
  type ViewState,
} from "./state.ts";

/** Folds a batch of events, in their order, into the state before them. */
export function fold(state: ViewState, events: readonly LoggedEvent[]): ViewState {
  if (events.length === 0) return state;
  const draft = new Draft(state);
  for (const { atMs, level, event } of events) {
    draft.atMs = Math.max(draft.atMs, atMs);
    foldServer(draft, event, atMs);
    foldState(draft, event, atMs);
    foldZone(draft, event, atMs);
    foldPool(draft, event, atMs);
    foldSpread(draft, event, atMs);
    foldTarget(draft, event, atMs);
    foldOrder(draft, event, atMs);
    if (isWorthALine(event)) draft.say({ atMs, level, ...lineOf(event) });
  }
  return draft.done();
}

/** Single probes and tellings of the whole state are no news. */
function isWorthALine({ event }: LivezoneEvent): boolean {
  return event !== "probe.observed" && !event.startsWith("state.");
}

function lineOf(event: LivezoneEvent): Omit<LogEntry, "atMs" | "level"> {
  const target = "target" in event ? event.target : "address" in event ? event.address : undefined;
  return {
    event: event.event,
    msg: event.msg,
    ...("pool" in event && { pool: event.pool }),
    ...(target !== undefined && { target }),
    ...("zone" in event && { zone: event.zone }),
    ...("swap" in event && typeof event.swap === "number" && { swap: event.swap }),
  };
}

function foldServer(draft: Draft, event: LivezoneEvent, atMs: number): void {
  const { server } = draft;
  const change = (changes: Partial<ServerView>): void => {
    draft.server = { ...server, ...changes };
  };
  switch (event.event) {
    case "server.starting":
      // Another process: what threads, store and brake of the last one were is over.
      draft.server = {
        ...EMPTY_VIEW.server,
        ...{ phase: "starting", version: event.version, startedMs: atMs },
      };
      return;
    case "server.ready":
      change({ phase: "ready", listen: event.listen, transport: event.transport });
      return;
    case "server.stopping":
      change({ phase: "stopping" });
      return;
    case "server.stopped":
      change({ phase: "stopped" });
      return;
    case "store.failing":
      change({ store: { state: "failing", waiting: event.waiting, why: event.detail } });
      return;
    case "store.recovered":
      change({ store: { state: "ok", waiting: 0, why: "" } });
      return;
    case "thread.died":
      change({
        threads: withThread(server, event, { state: "dead", deaths: event.deaths }),
      });
      return;
    case "thread.replaced":
      change({ threads: withThread(server, event, { state: "alive" }) });
      return;
    case "thread.stalled":
      change({ threads: withThread(server, event, { state: "stalled" }) });
      return;
    case "clock.jumped":
      change({ holdUntilMs: atMs + event.holdMs });
      return;
    case "brake.on":
      change({ brake: { sinceMs: atMs, reason: event.reason } });
      return;
    case "brake.off":
      draft.server = without(server, "brake");
      return;
    case "probe.faulted":
      change({ fault: { sinceMs: server.fault?.sinceMs ?? atMs, detail: event.detail } });
      return;
    case "probe.recovered":
      draft.server = without(server, "fault");
      return;
  }
}

function withThread(
  server: ServerView,
  { thread, index }: { readonly thread: string; readonly index: number },
  changes: Partial<ThreadView>,
): ServerView["threads"] {
  const key = `${thread} ${index}`;
  const before = server.threads.get(key) ?? { state: "alive", deaths: 0 };
  return new Map(server.threads).set(key, { ...before, ...changes });
}

function without(server: ServerView, key: "brake" | "fault"): ServerView {
  const { [key]: _gone, ...rest } = server;
  return rest;
}
