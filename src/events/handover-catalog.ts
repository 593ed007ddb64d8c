// The catalog's entries about swaps that wait for programs.

import { z } from "zod";
import { kind } from "./kind.ts";

const handover = {
  pool: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  /** Since it began, or was taken up again. */
  durationMs: z.number(),
};
const hook = {
  pool: z.string(),
  hook: z.enum(["fence", "promote"]),
  from: z.string(),
  to: z.string(),
};
const ended = {
  ...hook,
  outcome: z.enum(["succeeded", "failed", "timed-out", "not-started"]),
  detail: z.string(),
  output: z.string(),
  isCut: z.boolean(),
  durationMs: z.number(),
};

/** Handovers and their hooks, by name. */
export const HANDOVER_EVENTS = {
  "handover.begun": kind("warn", "A swap waits for its hooks: they are about to run", handover),
  "handover.resumed": kind("warn", "A start goes on with a handover that was cut off", handover),
  "handover.delayed": kind("error", "No hook starts before the store has noted it", handover),
  "handover.cancelled": kind("info", "A handover is not wanted any more, no hook ran", handover),
  "handover.done": kind("info", "All hooks have run: the next member is served", handover),
  "handover.failed": kind("error", "A hook failed, the answer stays (alert)", handover),
  "hook.started": kind("info", "A program that is part of a swap was started", {
    ...hook,
    command: z.array(z.string()),
  }),
  "hook.succeeded": kind("info", "A hook has ended well, and what it printed", ended),
  "hook.failed": kind("error", "A hook failed or was killed at its timeout", ended),
} as const;
