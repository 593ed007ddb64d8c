// An event with the moment it was announced, as the log's line and the live feed both write it.

import type { LivezoneEvent } from "./event.ts";
import type { EventLevel } from "./kind.ts";
import { levelOf } from "./level.ts";

/** An event as it was announced. */
export interface Happened {
  /** Which run of the process it belongs to: its start in wall milliseconds. */
  readonly run: number;
  /** Counts the events of a run, from 1; 0: it is not counted (debug), and never replayed. */
  readonly number: number;
  readonly wallMs: number;
  readonly event: LivezoneEvent;
}

/** The fields of the log's line, in its order: what every dashboard folds. */
export type EventLine = {
  readonly level: EventLevel;
  readonly time: string;
} & LivezoneEvent;

/** What the log's line holds. */
export function lineOf(event: LivezoneEvent, wallMs: number): EventLine {
  const { msg, ...fields } = event;
  const time = new Date(wallMs).toISOString();
  return { level: levelOf(event.event), time, ...fields, msg } as EventLine;
}
