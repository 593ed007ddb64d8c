// What goes by the calendar in a seed's script: maintenance windows, and checks with a schedule. Drawn
// apart from what else is drawn, so that seeds without either keep their scripts.

import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { isHost } from "../../src/config/members.ts";
import { addressesOf } from "./setup.ts";

const STREAM = 5_000_000;
const WINDOW_LENGTHS = ["1m", "1m30s"];
/** One that began so long before the end is over, and its hold too, when all must be well. */
const WINDOW_BEFORE_MS = 20_000;
/** A clock that is set back while no server runs lets a window begin anew. */
const RENEWED_CALM_MS = 90_000;
/** A known target that joins a pool earns its place at the moments of its schedule: five, by default. */
const EARNED_CALM_MS = 240_000;
/** The same moments: a target that is asked more seldom is well again later than a run is long. */
const SCHEDULES = ["*/1_*_*_*_*", "0-59_*_*_*_*"];

type Line = { readonly atMs: number; readonly text: string };

/** What one seed has of it. */
export interface CalendarWorld {
  /** By owner: the member that is taken out, and how long. */
  readonly windows: ReadonlyMap<string, { readonly member: string; readonly length: string }>;
  readonly isScheduled: boolean;
  readonly random: Random;
}

/** Draws the windows of pools of addresses, and whether the check has a schedule. */
export function calendarWorld(
  seed: number,
  pools: readonly { readonly owner: string; readonly members: readonly string[] }[],
): CalendarWorld {
  const random = seededRandom(seed + STREAM);
  const isScheduled = random.fraction() < 0.15;
  const windows = new Map<string, { member: string; length: string }>();
  for (const { owner, members } of pools) {
    // What is forced is an address.
    if (members.some(isHost) || random.fraction() >= 0.3) continue;
    const [member = ""] = addressesOf([members[below(random, members.length)] ?? ""]);
    const length = WINDOW_LENGTHS[below(random, WINDOW_LENGTHS.length)] ?? "";
    windows.set(owner, { member, length });
  }
  return { windows, isScheduled, random };
}

/** " window=192.0.2.10/20s": of a pool that has that member, and others beside it. */
export function windowOption(
  { windows }: CalendarWorld,
  owner: string,
  members: readonly string[],
): string {
  const window = windows.get(owner);
  const written = members.join(" ").split(" ");
  if (window === undefined || written.length < 2) return "";
  // A window is of a member, and a member is called by its first address.
  const isMember = written.some((member) => addressesOf([member])[0] === window.member);
  return isMember ? ` window=${window.member}/${window.length}` : "";
}

/** The calendar begins each window now and then. */
export function windowLines({ windows, random }: CalendarWorld, endMs: number): Line[] {
  return [...windows.keys()].flatMap((owner) =>
    Array.from({ length: 1 + below(random, 3) }, () => {
      return { atMs: below(random, endMs - WINDOW_BEFORE_MS), text: `window ${owner}` };
    }),
  );
}

/** The options of a check, with a schedule in place of its interval where the seed has one. */
export function checkByCalendar(world: CalendarWorld, options: string): string {
  if (!world.isScheduled) return options;
  const others = options.replace(/interval=\S+/, "");
  return `${others} schedule=${drawSchedule(world)}`.replace(/\s+/g, " ").trim();
}

/** An edit of a check that has a schedule names another one. */
export function lineByCalendar(world: CalendarWorld, { atMs, text }: Line): Line {
  if (!world.isScheduled || !text.startsWith("check ")) return { atMs, text };
  return { atMs, text: text.replace(/interval=\S+/, `schedule=${drawSchedule(world)}`) };
}

/** How much longer everything takes to be well again. */
export function calmByCalendarMs(world: CalendarWorld, lines: readonly Line[]): number {
  const isAny = (beginning: RegExp): boolean => lines.some(({ text }) => beginning.test(text));
  if (world.isScheduled && isAny(/^pools? /)) return EARNED_CALM_MS;
  return world.windows.size > 0 && isAny(/^clock -/) ? RENEWED_CALM_MS : 0;
}

function drawSchedule({ random }: CalendarWorld): string {
  return SCHEDULES[below(random, SCHEDULES.length)] ?? "";
}
