// Cron expressions of five fields, as pools files write them: drills and maintenance windows.

import { bad, leaf, ok } from "./fields.ts";

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
export const cron = leaf({ what: "a cron expression", mend: CRON_MEND }, (value) => {
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

function isField(field: string, least: number, most: number): boolean {
  return field.split(",").every((part) => {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return false;
    const [from, to] = [Number(match[1] ?? least), Number(match[2] ?? match[1] ?? most)];
    const step = Number(match[3] ?? 1);
    return from >= least && to <= most && from <= to && step >= 1;
  });
}
