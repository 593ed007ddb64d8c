// Flap damping: the `damping` section of the main configuration.

import { z } from "zod";
import { formatDuration } from "../base/duration.ts";
import { type DampingSettings, DEFAULT_DAMPING } from "../health/damping.ts";
import { count, duration } from "./fields.ts";
import { section, type YamlReader } from "./yaml.ts";

const DAY_MS = 86_400_000;
const PENALTY_MAX = 1_000_000;

/** How the section is written. */
export const dampingShape = z.union([z.literal("off"), z.lazy(() => dampingSchema)]);

const dampingSchema = section({
  penalty: count({ min: 1, max: PENALTY_MAX }).optional(),
  halfLife: duration({ minMs: 1000, maxMs: DAY_MS }).optional(),
  suppress: count({ min: 1, max: PENALTY_MAX }).optional(),
  reuse: count({ min: 1, max: PENALTY_MAX }).optional(),
  max: duration({ minMs: 1000, maxMs: 7 * DAY_MS }).optional(),
});

/** The section, defaults filled in; `undefined` where it says "off". */
export function readDamping(reader: YamlReader, value: unknown): DampingSettings | undefined {
  if (value === undefined) return DEFAULT_DAMPING;
  if (value === "off") return undefined;
  if (typeof value === "string") {
    const mend = 'write "off", or keys such as "halfLife: 10m" below it';
    reader.complain(["damping"], `"${value}" is no setting; ${mend}`);
    return undefined;
  }
  const raw = reader.read(["damping"], value, dampingSchema);
  if (raw === undefined) return undefined;
  const settings: DampingSettings = {
    penaltyPerFall: raw.penalty ?? DEFAULT_DAMPING.penaltyPerFall,
    halfLifeMs: raw.halfLife ?? DEFAULT_DAMPING.halfLifeMs,
    suppressAt: raw.suppress ?? DEFAULT_DAMPING.suppressAt,
    reuseAt: raw.reuse ?? DEFAULT_DAMPING.reuseAt,
    suppressMaxMs: raw.max ?? DEFAULT_DAMPING.suppressMaxMs,
  };
  refuseIdle(reader, settings);
  return settings;
}

/** Refuses numbers of which nothing would ever come. */
function refuseIdle(reader: YamlReader, settings: DampingSettings): void {
  const { suppressAt, reuseAt, halfLifeMs, suppressMaxMs } = settings;
  if (reuseAt >= suppressAt) {
    const state = `what is kept out from ${suppressAt} on cannot be used again at ${reuseAt}`;
    reader.complain(["damping", "reuse"], `${state}; write less than ${suppressAt}`);
    return;
  }
  const most = reuseAt * 2 ** (suppressMaxMs / halfLifeMs);
  if (suppressAt <= most) return;
  const leastMs = Math.ceil((Math.log2(suppressAt / reuseAt) * halfLifeMs) / 1000) * 1000;
  const limit = formatDuration(suppressMaxMs);
  const state = `nothing would be kept out: from ${suppressAt} to ${reuseAt} takes longer than ${limit}`;
  reader.complain(["damping", "max"], `${state}; make it ${formatDuration(leastMs)} or more`);
}
