// The catalog's entries about what resolvers and parents were seen to answer.

import { z } from "zod";
import { kind } from "./kind.ts";

const resolver = z.string();
const durationMs = z.number();

/** What others answer, by name. */
export const WATCH_EVENTS = {
  "resolver.failing": kind("warn", "A resolver that is asked what it answers does not answer", {
    resolver,
    detail: z.string(),
    failures: z.number().int(),
  }),
  "resolver.recovered": kind("info", "A resolver answers again", { resolver, durationMs }),
  "resolver.lengthens": kind("warn", "A resolver keeps answers longer than their TTL", {
    resolver,
    pool: z.string(),
    type: z.string(),
    leftMs: durationMs,
    longestMs: durationMs,
  }),
  "delegation.broken": kind("error", "A zone's parent does not say what the zone says itself", {
    zone: z.string(),
    parent: z.string(),
    faults: z.array(z.string()),
  }),
  "delegation.mended": kind("info", "A zone's parent says what the zone says again", {
    zone: z.string(),
    parent: z.string(),
  }),
} as const;
