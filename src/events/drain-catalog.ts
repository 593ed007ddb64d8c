// The catalog's entries about planned moves.

import { z } from "zod";
import { kind } from "./kind.ts";

const address = z.string();
const durationMs = z.number();
/** How far a planned move has come. */
export const drainStage = z.enum(["planned", "lowering", "moving", "draining", "drained", "ended"]);

/** Planned moves, by name. */
export const DRAIN_EVENTS = {
  "drain.planned": kind("info", "An operator wants an address's clients moved away", {
    address,
    author: z.string(),
    reason: z.string(),
    moveInMs: durationMs,
  }),
  "drain.lowered": kind("info", "The pools of the address answer with their least TTL", {
    address,
  }),
  "drain.waiting": kind("info", "Copies that were given for longer are waited for", {
    address,
    longerMs: durationMs,
  }),
  "drain.held": kind("warn", "A planned move goes no further for now", {
    address,
    stage: drainStage,
    reason: z.string(),
  }),
  "drain.moved": kind("info", "The address is answered no more", {
    address,
    /** Until no honest cache can hold it, at the latest. */
    lastMs: durationMs.optional(),
  }),
  "drain.drained": kind("info", "No honest cache can hold the address any more", {
    address,
    afterMs: durationMs,
  }),
  "drain.ended": kind("info", "A planned move was taken back", {
    address,
    stage: drainStage,
    author: z.string(),
  }),
} as const;
