// What of a zone has to be looked at when a little of it has changed.

import { type Name, nameKey, parentOf } from "../dns/name.ts";
import { packRRsets } from "./pack.ts";
import type { RRsetKey } from "./rrset.ts";
import { Zone } from "./zone.ts";

/** Larger zones are checked where they change: the whole would hold up whoever waits. */
const CHECKED_WHOLE_RECORDS = 20_000;

/**
 * The RRsets that matter to changes: the apex, the changed owners, and those above them. A small zone
 * is looked at as a whole.
 */
export function zoneAround(zone: Zone, changes: readonly RRsetKey[]): Zone {
  if (zone.recordCount <= CHECKED_WHOLE_RECORDS) return zone;
  const owners = new Map<string, Name>([[nameKey(zone.origin), zone.origin]]);
  for (const change of changes) {
    for (let at: Name | undefined = change.owner; at !== undefined; at = above(at, zone.origin)) {
      owners.set(nameKey(at), at);
    }
  }
  const rrsets = [...owners.values()].flatMap((owner) => zone.rrsetsAt(owner));
  return Zone.unpack(zone.origin, packRRsets(rrsets));
}

function above(name: Name, origin: Name): Name | undefined {
  return nameKey(name) === nameKey(origin) ? undefined : parentOf(name);
}
