// How loud events are, as the catalog says.

import { EVENTS, type EventName } from "./catalog.ts";
import type { EventLevel } from "./kind.ts";

/** How loud an event is. */
export function levelOf(name: EventName): EventLevel {
  return EVENTS[name].level;
}
