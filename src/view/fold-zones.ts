// Zones and their edits, as events tell of them.

import type { LivezoneEvent } from "../events/event.ts";
import { bounded, type Draft } from "./draft.ts";
import { LIMITS, type ZoneView } from "./state.ts";

/** Folds what tells of a zone. */
export function foldZone(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "zone.loaded": {
      const { zone, serial, records, source } = event;
      const before = draft.zones.get(zone) ?? newZone(zone);
      draft.zones.set(zone, {
        ...before,
        serial,
        records,
        source,
        publishedMs: atMs,
        rejected: [],
      });
      return;
    }
    case "zone.published": {
      const { zone, serial, cause, added, removed, file } = event;
      const { author, reason } = whoOf(event);
      const edit = {
        ...{ atMs, cause, serial, added, removed },
        ...(file !== undefined && { file }),
        ...(author !== undefined && { author }),
        ...(reason !== undefined && { reason }),
      };
      const before = draft.zones.get(zone) ?? newZone(zone);
      draft.zones.set(zone, {
        ...{ ...before, serial, publishedMs: atMs },
        records: before.records + added - removed,
        rejected: [],
        edits: bounded([...before.edits, edit], LIMITS.edits),
      });
      return;
    }
    case "zone.rejected":
    case "pools.rejected":
      draft.zones.change(event.zone, (zone) => ({ ...zone, rejected: event.errors }));
      return;
    case "pools.loaded":
      draft.zones.change(event.zone, (zone) => ({ ...zone, rejected: [] }));
      return;
    case "pool.swapped":
      // A swap has a serial of its own, and changes no record that an editor would see.
      draft.zones.change(event.zone, (zone) => ({ ...zone, serial: event.serial }));
      return;
    case "zone.removed":
      draft.zones.delete(event.zone);
      return;
  }
}

/** Who made a change and why, where the event says so. */
function whoOf(event: object): { readonly author?: string; readonly reason?: string } {
  return {
    ...("author" in event && typeof event.author === "string" && { author: event.author }),
    ...("reason" in event && typeof event.reason === "string" && { reason: event.reason }),
  };
}

function newZone(zone: string): ZoneView {
  return { zone, serial: 0, records: 0, source: "", publishedMs: 0, rejected: [], edits: [] };
}
