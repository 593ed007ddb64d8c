// Drills by the calendar: when a pool's failover is rehearsed, and for how long.

import type { Pool } from "../failover/pool.ts";
import { cron } from "./cron.ts";
import { duration, memberPlace } from "./fields.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

const HOUR_MS = 3_600_000;
const FOR_DEFAULT_MS = 60_000;

/** The keys of a pool that this file reads. */
export const drillKeys = {
  drill: section({
    cron,
    for: duration({ minMs: 1000, maxMs: HOUR_MS }).optional(),
    member: memberPlace.optional(),
  }).optional(),
};

/** What was written of a pool's drills. */
interface RawDrill {
  readonly cron: string;
  readonly for?: number | undefined;
  readonly member?: string | undefined;
}

/** Fits a pool's drill to its members; nothing where none is written. */
export function readDrill(
  reader: YamlReader,
  at: YamlPath,
  raw: RawDrill | undefined,
  pool: Pick<Pool, "members" | "mode" | "hooks">,
): Pick<Pool, "drill"> {
  if (raw === undefined) return {};
  const { member } = raw;
  const isKnown = pool.members.some(({ v4, v6, host }) => [v4, v6, host].includes(member));
  if (member !== undefined && !isKnown) {
    const known = pool.members.map(({ id }) => id).join(", ");
    reader.complain([...at, "drill", "member"], `${member} is no member; there are ${known}`);
  }
  if (pool.mode !== undefined && pool.mode !== "auto") {
    const sentence = `with mode "${pool.mode}" the answer would not move; remove it, or use mode "auto"`;
    reader.complain([...at, "drill"], sentence);
  }
  if (pool.hooks !== undefined) {
    const programs = Object.keys(pool.hooks).join(" and ");
    reader.warn([...at, "drill"], `each drill runs ${programs}, there and back, for real`);
  }
  const forMs = raw.for ?? FOR_DEFAULT_MS;
  return { drill: { cron: raw.cron, forMs, ...(member !== undefined && { member }) } };
}
