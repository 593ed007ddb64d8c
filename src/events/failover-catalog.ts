// The catalog's entries about what stands over probes and decisions: flapping, operators, the brake,
// guards and drills.

import { z } from "zod";
import { kind } from "./kind.ts";

const durationMs = z.number();
const members = z.array(z.string());
const address = z.string();
const pool = z.string();
const type = z.string();
const state = z.enum(["up", "down", "drain"]);

/** Damping, forced states, the brake, modes and drills, by name. */
export const FAILOVER_EVENTS = {
  "target.damped": kind("warn", "An address keeps failing: it is kept out for a while once back", {
    address,
    penalty: z.number(),
    keptOutMs: durationMs,
  }),
  "target.reusable": kind("info", "A damped address has had its peace and may be used again", {
    address,
    penalty: z.number(),
  }),
  "target.forced": kind("warn", "An operator says what an address is, over its probes", {
    address,
    state,
    author: z.string(),
    reason: z.string(),
    forMs: durationMs.optional(),
  }),
  "target.unforced": kind("info", "A forced state ended: an operator ended it, or its time", {
    address,
    state,
    author: z.string(),
    cause: z.enum(["operator", "expired", "replaced"]),
    heldMs: durationMs,
  }),
  "target.contradicted": kind("error", "An address is forced up, but its probes say down (alert)", {
    address,
    author: z.string(),
    reason: z.string(),
    evidence: z.string(),
  }),
  "target.agreed": kind("info", "An address that was forced up against its probes no longer is", {
    address,
  }),
  "brake.on": kind("warn", "The prober may be the one that is cut off: nothing is believed down", {
    reason: z.string(),
    failing: z.number().int(),
    targets: z.number().int(),
    anchors: z.number().int(),
    atMostMs: durationMs,
  }),
  "brake.off": kind("info", "The brake is off again, and why", {
    reason: z.string(),
    heldMs: durationMs,
  }),
  "anchor.down": kind("warn", "An anchor fails: while none answers, the brake may hold verdicts", {
    anchor: z.string(),
    reason: z.string(),
  }),
  "anchor.up": kind("info", "An anchor answers again", {
    anchor: z.string(),
    reason: z.string(),
  }),
  "pool.would-swap": kind("info", "What a pool in shadow mode would answer, had it a say", {
    pool,
    type,
    reason: z.string(),
    serving: members,
    wanted: members,
  }),
  "pool.waiting": kind("warn", "A pool waits for an operator's yes to another answer", {
    pool,
    type,
    reason: z.string(),
    serving: members,
    wanted: members,
  }),
  "pool.approved": kind("info", "An operator said yes to a pool's other answer", {
    pool,
    type,
    author: z.string(),
    wanted: members,
  }),
  "drill.started": kind("info", "A drill forces a member down to see its pool move", {
    drill: z.number().int(),
    pool,
    type,
    member: z.string(),
    author: z.string(),
    forMs: durationMs,
  }),
  "drill.refused": kind("warn", "A drill by the calendar does not take place, and why", {
    pool,
    reason: z.string(),
  }),
  "maintenance.started": kind("info", "A window by the calendar takes a member out of its pools", {
    pool,
    member: z.string(),
    reason: z.string(),
    forMs: durationMs,
  }),
  "maintenance.refused": kind("warn", "A window by the calendar is left out, and why", {
    pool,
    member: z.string(),
    reason: z.string(),
  }),
  "drill.finished": kind("info", "A drill is over, and whether the pool did what it should", {
    drill: z.number().int(),
    pool,
    type,
    member: z.string(),
    passed: z.boolean(),
    reason: z.string(),
    movedMs: durationMs.optional(),
    backMs: durationMs.optional(),
  }),
} as const;
