// The third DOWN rule of a check: too great a share of failures lately.

import type { z } from "zod";
import { formatDuration } from "../base/duration.ts";
import type { ErrorRate } from "../health/settings.ts";
import { count, duration, share } from "./fields.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

const DAY_MS = 86_400_000;
const SAMPLES_DEFAULT = 10;
/** Outcomes that health keeps. */
const SAMPLES_MAX = 600;

/** `errorRate: { over: 20%, within: 5m, samples: 10 }`. */
export const errorRateKey = section({
  over: share({ most: 0.95 }),
  within: duration({ minMs: 1000, maxMs: DAY_MS }),
  samples: count({ min: 2, max: SAMPLES_MAX }).optional(),
});

/**
 * Reads the rule against the check's interval; `undefined` after a complaint.
 *
 * @param at the check.
 */
export function readErrorRate(
  reader: YamlReader,
  at: YamlPath,
  raw: z.infer<typeof errorRateKey>,
  intervalMs: number,
): ErrorRate | undefined {
  const { over, within, samples = SAMPLES_DEFAULT } = raw;
  const made = Math.floor(within / intervalMs);
  if (made >= samples) return { fraction: over, windowMs: within, samplesMin: samples };
  const probes = made === 1 ? "1 probe is" : `${made} probes are`;
  const state = `${probes} made in ${formatDuration(within)}, and ${samples} are wanted`;
  const mend = `make it ${formatDuration(samples * intervalMs)} or more`;
  reader.complain([...at, "errorRate", "within"], `${state}; ${mend}`);
  return undefined;
}
