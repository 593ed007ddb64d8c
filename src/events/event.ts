// Events as values: a discriminated union over the catalog, made by pure code, printed by `app`. Of the
// catalog only types are used here: threads that answer make events, and do not load its schemas.

import type { z } from "zod";
import type { EVENTS, EventName } from "./catalog.ts";

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
