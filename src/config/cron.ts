// Cron expressions of five fields, as pools files write them: drills, maintenance windows, checks.

import type { Calendar } from "../base/calendar.ts";
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

/** The moments of an expression that `cron` has read, in numbers. */
export function calendarOf(expression: string): Calendar {
  const fields = expression.split(" ").reverse();
  const [weekdays, months, days, hours, minutes] = FIELDS.map(([, least, most], i) => {
    return valuesOf(fields[i] ?? "*", least, most);
  });
  return {
    ...{ minutes: minutes ?? [], hours: hours ?? [], days: days ?? [], months: months ?? [] },
    weekdays: [...new Set(weekdays?.map((day) => day % 7))].sort((a, b) => a - b),
  };
}

function valuesOf(field: string, least: number, most: number): number[] {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "*", step = "1"] = part.split("/");
    const [from = least, to = from] = range === "*" ? [least, most] : range.split("-").map(Number);
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function isField(field: string, least: number, most: number): boolean {
  return field.split(",").every((part) => {
    // A step stands behind a star or a range; node-cron refuses one behind a single value.
    const match = /^(?:(\d{1,2})|(?:\*|(\d{1,2})-(\d{1,2}))(?:\/(\d{1,2}))?)$/.exec(part);
    if (match === null) return false;
    const [, only, first, last, every] = match;
    const [from, to] = [Number(only ?? first ?? least), Number(only ?? last ?? most)];
    const step = Number(every ?? 1);
    return from >= least && to <= most && from <= to && step >= 1;
  });
}
