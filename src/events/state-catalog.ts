// The catalog's entries that say how things stand, so that a reader who comes late, or whose log
// begins in the middle, knows the state that later events change. Told at the start, once an hour,
// and after a zone or its pools were taken up; in parts, because a server may hold 10,000 pools.

import { z } from "zod";
import { drainStage } from "./drain-catalog.ts";
import { kind } from "./kind.ts";

const wallMs = z.number();
const belief = z.enum(["up", "down", "unknown"]);
const texts = z.array(z.string()).readonly();

const threadState = z.object({
  kind: z.enum(["answer", "stream", "control", "store"]),
  index: z.number().int(),
  isAlive: z.boolean(),
  deaths: z.number().int(),
});

const zoneState = z.object({
  zone: z.string(),
  serial: z.number().int(),
  records: z.number().int(),
  source: z.string(),
  publishedWallMs: wallMs,
  rejected: texts,
});

const memberState = z.object({
  member: z.string(),
  address: z.string(),
  belief,
  sinceWallMs: wallMs,
  isServed: z.boolean(),
  reason: z.string(),
  targets: texts,
  forced: z
    .object({
      state: z.enum(["up", "down", "drain"]),
      author: z.string(),
      reason: z.string(),
      sinceWallMs: wallMs,
      untilWallMs: wallMs.optional(),
      isAgainstProbes: z.boolean(),
    })
    .optional(),
  damping: z.object({ penalty: z.number(), reusableWallMs: wallMs.optional() }).optional(),
  /** Its clients are being moved away. */
  drain: z
    .object({
      stage: drainStage,
      author: z.string(),
      reason: z.string(),
      held: z.string().optional(),
      moveWallMs: wallMs.optional(),
      drainedWallMs: wallMs.optional(),
    })
    .optional(),
});

const poolState = z.object({
  pool: z.string(),
  type: z.string(),
  policy: z.string(),
  serving: texts,
  code: z.string(),
  reason: z.string(),
  sinceWallMs: wallMs,
  swap: z.number().int(),
  ttlSeconds: z.number(),
  isFailOpen: z.boolean(),
  mode: z.string().optional(),
  wanted: texts.optional(),
  rtoMs: z.number().optional(),
  nextWallMs: wallMs.optional(),
  members: z.array(memberState).readonly(),
});

const targetState = z.object({
  target: z.string(),
  belief,
  sinceWallMs: wallMs,
  reason: z.string(),
  lastCode: z.string(),
  lastObservedWallMs: wallMs,
  usualMs: z.number(),
  tripwire: z.string(),
  intervalMs: z.number().optional(),
  /** A cron expression, in UTC, by which it is asked. */
  schedule: z.string().optional(),
});

/** How things stand, by name. */
export const STATE_EVENTS = {
  "state.server": kind("info", "How the server stands; zones, pools and targets follow", {
    version: z.string(),
    /** The version of this vocabulary. */
    events: z.number().int(),
    startedWallMs: wallMs,
    transport: z.string(),
    listen: texts,
    threads: z.array(threadState).readonly(),
    store: z.object({
      path: z.string(),
      state: z.enum(["ok", "failing"]),
      waiting: z.number().int(),
    }),
    /** Why nothing is believed down; absent: the brake is off. */
    brake: z.object({ sinceWallMs: wallMs, untilWallMs: wallMs, reason: z.string() }).optional(),
    /** What the prober itself suffers from; absent: nothing. */
    fault: z.object({ sinceWallMs: wallMs, detail: z.string() }).optional(),
  }),
  "state.zones": kind("info", "How some zones stand", { zones: z.array(zoneState).readonly() }),
  "state.pools": kind("info", "How some pools stand, each family by itself", {
    pools: z.array(poolState).readonly(),
  }),
  "state.targets": kind("info", "How some targets stand", {
    targets: z.array(targetState).readonly(),
  }),
  "state.told": kind("info", "All was told since `state.server`; what was not named is gone", {
    zones: z.number().int(),
    pools: z.number().int(),
    targets: z.number().int(),
  }),
  "member.changed": kind("info", "A member of a pool is believed or served otherwise than before", {
    pool: z.string(),
    type: z.string(),
    member: z.string(),
    /** Its address of this type; "" where it has none and the answer is NODATA while it is served. */
    address: z.string().optional(),
    belief,
    served: z.boolean(),
    reason: z.string(),
  }),
} as const;
