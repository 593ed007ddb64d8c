// The catalog's entries about how far a swap has spread.

import { z } from "zod";
import { kind } from "./kind.ts";

const swap = z.number().int();
const pool = z.string();
const type = z.string();
const durationMs = z.number();

/** Propagation, by name. */
export const PROPAGATION_EVENTS = {
  "propagation.opened": kind("info", "A swap's old answer is still held, and by how many", {
    swap,
    pool,
    type,
    resolvers: z.number().int(),
    queries: z.number().int(),
    atLeast: z.boolean(),
    t50Ms: durationMs,
    t90Ms: durationMs,
    t99Ms: durationMs,
    lastMs: durationMs,
  }),
  "propagation.progress": kind("info", "So much of the queries has moved to the new answer", {
    swap,
    pool,
    type,
    percent: z.number(),
    afterMs: durationMs,
    holding: z.number().int(),
    atLeast: z.boolean(),
  }),
  "propagation.overdue": kind("warn", "A resolver keeps the old answer longer than it may", {
    swap,
    pool,
    type,
    resolver: z.string(),
    lateMs: durationMs,
    evidence: z.enum(["keeps", "seen"]),
  }),
  "propagation.recovered": kind("info", "A resolver that was overdue answers the new records", {
    swap,
    pool,
    type,
    resolver: z.string(),
    lateMs: durationMs,
  }),
  "propagation.drained": kind("info", "No honest cache can hold the old answer any more", {
    swap,
    pool,
    type,
    afterMs: durationMs,
    confirmed: z.number().int(),
    expired: z.number().int(),
    overdue: z.number().int(),
    atLeast: z.boolean(),
  }),
} as const;
