// Events as values: a discriminated union over the catalog, made by pure code, printed by `app`.

import type { z } from "zod";
import { EVENTS, type EventName } from "./catalog.ts";
import type { EventLevel } from "./kind.ts";

/** The fields of one event, without its name and message. */
export type EventFields<N extends EventName> = z.infer<(typeof EVENTS)[N]["fields"]>;

/** Something that has happened. `msg` is one sentence for people; the fields are for programs. */
export type LivezoneEvent = {
  [N in EventName]: { readonly event: N; readonly msg: string } & EventFields<N>;
}[EventName];

/** Makes an event; the compiler holds its fields to the catalog. */
export function event<N extends EventName>(
  name: N,
  msg: string,
  fields: EventFields<N>,
): LivezoneEvent {
  return { event: name, msg, ...fields } as LivezoneEvent;
}

/** How loud an event is. */
export function levelOf(name: EventName): EventLevel {
  return EVENTS[name].level;
}
