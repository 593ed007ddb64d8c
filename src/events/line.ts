// Events as lines of the log, and how any log is read again.

import { EVENTS, type EventName } from "./catalog.ts";
import type { LivezoneEvent } from "./event.ts";
import type { EventLevel } from "./kind.ts";
import { levelOf } from "./level.ts";

/**
 * The version of the vocabulary. Within one, events and fields are only added: a reader skips what
 * it does not know. It grows when something has to be taken back.
 */
export const EVENTS_VERSION = 1;

/** An event and the wall milliseconds at which it was said. */
export interface LoggedEvent {
  readonly atMs: number;
  readonly level: EventLevel;
  readonly event: LivezoneEvent;
}

/** An event that is said now. */
export function logged(atMs: number, event: LivezoneEvent): LoggedEvent {
  return { atMs, level: levelOf(event.event), event };
}

/**
 * Reads one line of a log, or one event of the API's stream.
 *
 * @returns undefined for what is no event of this vocabulary: other lines, lines cut short, events
 *   of later versions. Fields that are not known are kept.
 */
export function readLine(line: string): LoggedEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { level: _level, time, event, msg, ...fields } = value as Record<string, unknown>;
  if (typeof event !== "string" || typeof msg !== "string" || !isEventName(event)) return undefined;
  const atMs = typeof time === "number" ? time : Date.parse(String(time));
  if (!Number.isFinite(atMs) || !EVENTS[event].fields.safeParse(fields).success) return undefined;
  return logged(atMs, { event, msg, ...fields } as LivezoneEvent);
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}
