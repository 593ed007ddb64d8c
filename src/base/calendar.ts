// Moments by the calendar, as a cron expression of five fields names them: pure, and in UTC, where
// no night is an hour longer than another.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Weekdays fall on the same dates again after 28 years, leap years counted (1901 to 2099). */
const CYCLE_DAYS = 10_227;

/** The values of each field, ascending; a moment is named when all fields hold it. Sunday is 0. */
export interface Calendar {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
}

/** The least and the most time between two moments that follow one another, in milliseconds. */
export interface Gaps {
  readonly shortestMs: number;
  readonly longestMs: number;
}

/**
 * The first moment of a calendar after `afterMs`, both wall milliseconds.
 *
 * @returns `undefined` where no day of 28 years is named, as by February 30th.
 */
export function nextMomentMs(calendar: Calendar, afterMs: number): number | undefined {
  const today = Math.floor(afterMs / DAY_MS);
  for (let day = today; day <= today + CYCLE_DAYS; day++) {
    if (!isNamed(calendar, day)) continue;
    const found = timesOf(calendar).find((timeMs) => day * DAY_MS + timeMs > afterMs);
    if (found !== undefined) return day * DAY_MS + found;
  }
  return undefined;
}

/** The gaps of a calendar over all of its 28 years; `undefined` where it names fewer than two moments. */
export function gapsOf(calendar: Calendar): Gaps | undefined {
  const times = timesOf(calendar);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const within = times.slice(1).map((timeMs, i) => timeMs - (times[i] ?? 0));
  let [shortestMs, longestMs] = [Math.min(...within), Math.max(...within)];
  let before: number | undefined;
  for (let day = 0; day <= CYCLE_DAYS + 366; day++) {
    if (!isNamed(calendar, day)) continue;
    if (before !== undefined) {
      const gapMs = (day - before) * DAY_MS + first - last;
      shortestMs = Math.min(shortestMs, gapMs);
      longestMs = Math.max(longestMs, gapMs);
    }
    before = day;
  }
  return before === undefined || longestMs < 0 ? undefined : { shortestMs, longestMs };
}

/** A cron expression that names the same moments, as people write it. */
export function calendarText(calendar: Calendar): string {
  const { minutes, hours, days, months, weekdays } = calendar;
  return [
    fieldText(minutes, 0, 59),
    fieldText(hours, 0, 23),
    fieldText(days, 1, 31),
    fieldText(months, 1, 12),
    fieldText(weekdays, 0, 6),
  ].join(" ");
}

function fieldText(values: readonly number[], least: number, most: number): string {
  const [first = least, second = first] = values;
  const last = values.at(-1) ?? first;
  if (values.length === most - least + 1) return "*";
  const step = second - first;
  const isEven = values.every((value, i) => value === first + i * step);
  if (isEven && step > 1 && values.length > 3) {
    const isWhole = first === least && last + step > most;
    return isWhole ? `*/${step}` : `${first}-${last}/${step}`;
  }
  const isRun = isEven && step === 1 && values.length > 2;
  return isRun ? `${first}-${last}` : values.join(",");
}

/** @param day days since 1970-01-01. */
function isNamed({ days, months, weekdays }: Calendar, day: number): boolean {
  const date = new Date(day * DAY_MS);
  return (
    months.includes(date.getUTCMonth() + 1) &&
    days.includes(date.getUTCDate()) &&
    weekdays.includes(date.getUTCDay())
  );
}

/** The moments of a named day, in milliseconds from its beginning, ascending. */
function timesOf({ hours, minutes }: Calendar): number[] {
  return hours.flatMap((hour) => minutes.map((minute) => hour * HOUR_MS + minute * MINUTE_MS));
}
