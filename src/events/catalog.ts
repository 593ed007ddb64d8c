// The one vocabulary: every event livezone can log, with its level and fields.
// Fields are added, never renamed or given another meaning; docs and dashboards read this.

import { z } from "zod";
import { API_EVENTS } from "./api-catalog.ts";
import { DRAIN_EVENTS } from "./drain-catalog.ts";
import { FAILOVER_EVENTS } from "./failover-catalog.ts";
import { HANDOVER_EVENTS } from "./handover-catalog.ts";
import { kind } from "./kind.ts";
import { PROPAGATION_EVENTS } from "./propagation-catalog.ts";
import { STATE_EVENTS } from "./state-catalog.ts";
import { TRANSFER_EVENTS } from "./transfer-catalog.ts";
import { WATCH_EVENTS } from "./watch-catalog.ts";

/** Absolute name without its final dot, master-file escapes. */
const name = z.string();
const serial = z.number().int().min(0).max(0xffff_ffff);
const durationMs = z.number();
const type = z.string();
const members = z.array(z.string());
const thread = z.enum(["answer", "stream", "control", "store"]);

/** Every event by name. */
export const EVENTS = {
  "server.starting": kind("info", "The process has read its command line", {
    version: z.string(),
    node: z.string(),
    pid: z.number().int(),
  }),
  "server.ready": kind("info", "Questions are answered from now on", {
    listen: z.array(z.string()),
    tls: z.array(z.string()),
    transport: z.enum(["batched", "portable"]),
    zones: z.number().int(),
    records: z.number().int(),
    durationMs,
  }),
  "image.restored": kind(
    "info",
    "Questions are answered as before the restart, until zones are open",
    {
      zones: z.number().int(),
      durationMs,
    },
  ),
  "image.failing": kind("error", "A new base cannot be compiled; what was served goes on", {
    code: z.string(),
    detail: z.string(),
  }),
  "tls.loaded": kind("info", "A certificate is used for new connections from now on", {
    file: z.string(),
  }),
  "tls.rejected": kind("error", "A changed certificate cannot be used; the old one goes on", {
    file: z.string(),
    detail: z.string(),
  }),
  "keys.loaded": kind("info", "TSIG key files were read again; their keys are used from now on", {
    file: z.string(),
    /** Names of all keys there are now. */
    names: z.array(z.string()),
  }),
  "keys.rejected": kind("error", "Changed TSIG key files cannot be used; the old keys go on", {
    file: z.string(),
    detail: z.string(),
  }),
  "server.degraded": kind("warn", "Something optional is not there, and what is used instead", {
    missing: z.string(),
    instead: z.string(),
  }),
  "server.stopping": kind("info", "A signal or a verb asked for the end", { cause: z.string() }),
  "server.stopped": kind("info", "Everything is closed", { durationMs }),
  "thread.died": kind("error", "A thread ended that should not have; it is replaced", {
    thread,
    index: z.number().int(),
    reason: z.string(),
    deaths: z.number().int(),
  }),
  "thread.replaced": kind("info", "A new thread has taken up a dead one's work", {
    thread,
    index: z.number().int(),
    durationMs,
  }),
  "thread.stalled": kind("warn", "A thread's heartbeat is late", {
    thread,
    index: z.number().int(),
    silentMs: durationMs,
  }),
  "thread.scheduling": kind("debug", "Answer threads may have to wait for a core behind others", {
    thread,
    reason: z.string(),
  }),
  "clock.jumped": kind("warn", "Time jumped or the loop stalled: watch, do not act, for a while", {
    gapMs: durationMs,
    holdMs: durationMs,
  }),
  "config.loaded": kind("info", "The main configuration is in force", { file: z.string() }),
  "config.warned": kind("warn", "The configuration is in force, but holds something doubtful", {
    file: z.string(),
    warnings: z.array(z.string()),
  }),
  "config.rejected": kind("error", "A configuration file is bad; what was running keeps running", {
    file: z.string(),
    errors: z.array(z.string()),
  }),
  "zone.loading": kind("info", "A large zone is being read", {
    zone: name,
    file: z.string(),
    /** An estimate, 0 to 100. */
    percent: z.number(),
    durationMs,
  }),
  "zone.loaded": kind("info", "A zone is served", {
    zone: name,
    source: z.string(),
    serial,
    records: z.number().int(),
    durationMs,
  }),
  "zone.published": kind("info", "A zone's records changed, and why", {
    zone: name,
    cause: z.string(),
    serialBefore: serial,
    serial,
    added: z.number().int(),
    removed: z.number().int(),
    file: z.string().optional(),
  }),
  "zone.rejected": kind("error", "A zone file is bad; nothing was changed", {
    zone: name,
    file: z.string(),
    errors: z.array(z.string()),
  }),
  "zone.warned": kind("warn", "A zone file was loaded, but holds something doubtful", {
    zone: name,
    file: z.string(),
    warnings: z.array(z.string()),
  }),
  "zone.removed": kind("info", "A zone is no longer served", { zone: name }),
  "pools.loaded": kind("info", "A zone's pools are in force", {
    zone: name,
    file: z.string(),
    pools: z.number().int(),
    targets: z.number().int(),
  }),
  "pools.rejected": kind("error", "A pools file is bad; the pools that ran keep running", {
    zone: name,
    file: z.string(),
    errors: z.array(z.string()),
  }),
  "pools.warned": kind("warn", "A pools file was loaded, but holds something doubtful", {
    zone: name,
    file: z.string(),
    warnings: z.array(z.string()),
  }),
  "probe.observed": kind("debug", "One probe's result", {
    target: z.string(),
    code: z.string(),
    hard: z.boolean(),
    durationMs,
    /** How long each layer took, in milliseconds; those that were not reached are left out. */
    connectMs: durationMs.optional(),
    tlsMs: durationMs.optional(),
    firstByteMs: durationMs.optional(),
    detail: z.string(),
  }),
  "probe.way": kind("info", "By which of several ways checks of a kind ask on this host", {
    kind: z.string(),
    way: z.string(),
  }),
  "probe.faulted": kind("error", "The prober itself failed; held against no target", {
    code: z.string(),
    detail: z.string(),
    targets: z.number().int(),
  }),
  "probe.recovered": kind("info", "The prober works again", { durationMs }),
  "target.up": kind("info", "A target is believed up", {
    target: z.string(),
    before: z.enum(["up", "down", "unknown"]),
    reason: z.string(),
  }),
  "target.down": kind("warn", "A target is believed down", {
    target: z.string(),
    before: z.enum(["up", "down", "unknown"]),
    reason: z.string(),
    code: z.string(),
    hard: z.boolean(),
    failures: z.number().int(),
    sinceFaultMs: durationMs,
  }),
  "target.stale": kind("warn", "A target was not observed for too long; its last belief is held", {
    target: z.string(),
    belief: z.enum(["up", "down", "unknown"]),
    silentMs: durationMs,
  }),
  "target.warned": kind("warn", "A target answers well, but something about it is doubtful", {
    target: z.string(),
    warning: z.string(),
  }),
  "target.unwarned": kind("info", "What was doubtful about a target is over", {
    target: z.string(),
  }),
  "target.tripwire": kind("info", "What was learned about a target's tripwire", {
    target: z.string(),
    state: z.string(),
  }),
  "pool.swapped": kind("warn", "A pool's answer changed", {
    swap: z.number().int(),
    pool: name,
    type,
    zone: name,
    code: z.string(),
    reason: z.string(),
    before: members,
    after: members,
    serial,
    ttl: z.number().int(),
    durable: z.boolean(),
    detectMs: durationMs.optional(),
    /** What its hooks took of `publishMs`. */
    hooksMs: durationMs.optional(),
    /** From the new answer until the store had it, where that is known by now. */
    storedMs: durationMs.optional(),
    publishMs: durationMs,
  }),
  "swap.durable": kind("info", "A swap that was announced before it was stored is stored now", {
    swap: z.number().int(),
    delayMs: durationMs,
  }),
  "swap.given": kind("info", "Somebody was given a swap's new answer for the first time", {
    swap: z.number().int(),
    /** From the new answer, to a tenth of a second. */
    afterMs: durationMs,
  }),
  "pool.decided": kind("info", "A pool decided without a change of its answer", {
    pool: name,
    type,
    code: z.string(),
    reason: z.string(),
  }),
  "pool.failed-open": kind("error", "No member is up; the last good answer goes on (alert)", {
    pool: name,
    type,
    code: z.string().optional(),
    reason: z.string(),
    serving: members,
  }),
  "pool.recovered": kind("info", "A pool that had failed open has a healthy member again", {
    pool: name,
    type,
    code: z.string().optional(),
    reason: z.string(),
  }),
  "store.opened": kind("info", "The database is open", {
    path: z.string(),
    version: z.number().int(),
    octets: z.number().int(),
    migratedFrom: z.number().int().optional(),
  }),
  "store.failing": kind("error", "Writes to the database fail or hang; answers and swaps go on", {
    code: z.string(),
    detail: z.string(),
    waiting: z.number().int(),
  }),
  "store.recovered": kind("info", "Writes succeed again and what waited is stored", {
    durationMs,
    stored: z.number().int(),
  }),
  "backup.completed": kind("info", "A copy of the database was written", {
    path: z.string(),
    octets: z.number().int(),
    durationMs,
  }),
  "backup.failed": kind("error", "A copy of the database could not be written", {
    path: z.string(),
    detail: z.string(),
  }),
  "prune.completed": kind("info", "Old observations and journal rows were deleted", {
    rollups: z.number().int(),
    journalRows: z.number().int(),
    durationMs,
  }),
  ...FAILOVER_EVENTS,
  ...DRAIN_EVENTS,
  ...TRANSFER_EVENTS,
  ...PROPAGATION_EVENTS,
  ...WATCH_EVENTS,
  ...API_EVENTS,
  ...HANDOVER_EVENTS,
  ...STATE_EVENTS,
} as const;

/** The name of an event. */
export type EventName = keyof typeof EVENTS;
