// Drills by the calendar: when a pool's failover is rehearsed, and for how long.

import type { Pool } from "../failover/pool.ts";
import { bad, duration, leaf, memberPlace, ok } from "./fields.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

const HOUR_MS = 3_600_000;
const FOR_DEFAULT_MS = 60_000;
const CRON_MEND = 'write five fields, such as "0 4 * * 1" for Mondays at 4:00';

/** The least and the most of each field, from the last one: weekdays, months, days, hours, … */
const FIELDS = [
  ["weekday", 0, 7],
  ["month", 1, 12],
  ["day", 1, 31],
  ["hour", 0, 23],
  ["minute", 0, 59],
] as const;

/** A cron expression of five fields, in numbers: lists, ranges and steps. */
const cron = leaf({ what: "a cron expression", mend: CRON_MEND }, (value) => {
  const fields = String(value).trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return bad(`"${value}" has ${fields.length} fields, not five; ${CRON_MEND}`);
  }
  for (const [i, field] of [...fields].reverse().entries()) {
    const [name, least, most] = FIELDS[i] ?? FIELDS[0];
    if (isField(field, least, most)) continue;
    return bad(`"${field}" is no ${name} of a cron expression (${least} to ${most}); ${CRON_MEND}`);
  }
  return ok(fields.join(" "));
});

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
  pool: Pick<Pool, "members" | "mode">,
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
  const forMs = raw.for ?? FOR_DEFAULT_MS;
  return { drill: { cron: raw.cron, forMs, ...(member !== undefined && { member }) } };
}

function isField(field: string, least: number, most: number): boolean {
  return field.split(",").every((part) => {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return false;
    const [from, to] = [Number(match[1] ?? least), Number(match[2] ?? match[1] ?? most)];
    const step = Number(match[3] ?? 1);
    return from >= least && to <= most && from <= to && step >= 1;
  });
}
