// The catalog's entries about what people and programs ask of the API, and who is told what.

import { z } from "zod";
import { kind } from "./kind.ts";

/** Changes by the API, refusals at its door, and notifications, by name. */
export const API_EVENTS = {
  "api.changed": kind("info", "Somebody changed something through the API: who, what and why", {
    /** What was done: `edit`, `force`, `unforce`, `approve`, `reload`. */
    action: z.string(),
    /** What it was done to: a zone, an address, a pool. */
    object: z.string(),
    author: z.string(),
    reason: z.string(),
    /** By which door: `socket`, or `token NAME`. */
    via: z.string(),
    /** Of an edit: the serial that it was published with. */
    serial: z.number().int().optional(),
    detail: z.string().optional(),
  }),
  "api.open": kind("info", "The API can be reached at TCP addresses", {
    addresses: z.array(z.string()),
    scheme: z.enum(["http", "https"]),
  }),
  "api.denied": kind("warn", "Somebody was turned away at the API's TCP address", {
    reason: z.string(),
    from: z.string(),
    /** Since the last line about it. */
    times: z.number().int(),
  }),
  "notify.failing": kind("error", "A receiver of notices does not take them; they wait", {
    receiver: z.string(),
    detail: z.string(),
    waiting: z.number().int(),
  }),
  "notify.recovered": kind("info", "A receiver takes notices again", {
    receiver: z.string(),
    durationMs: z.number(),
  }),
} as const;
