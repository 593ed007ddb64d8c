// A zone on its way to another thread: a large one shares its memory, of a small one a copy costs less.

import type { Name } from "../dns/name.ts";
import { type SharedZone, Zone } from "./zone.ts";

/** A zone as a message carries it. */
export type SentZone =
  | { readonly kind: "shared"; readonly shared: SharedZone }
  | { readonly kind: "packed"; readonly origin: Name; readonly packed: Uint8Array };

/** Zones below this size are copied: shared memory costs the system more to make and to let go. */
const COPIED_OCTETS_MAX = 0x1_0000;

/** The zone as it is posted. */
export function sendZone(zone: Zone): SentZone {
  if (zone.memoryOctets > COPIED_OCTETS_MAX) {
    const shared = zone.share();
    return { kind: "shared", shared: { ...shared, origin: ownName(shared.origin) } };
  }
  return { kind: "packed", origin: ownName(zone.origin), packed: zone.pack() };
}

/** The zone that was posted. */
export function receiveZone(sent: SentZone): Zone {
  return sent.kind === "shared"
    ? Zone.fromShared(sent.shared)
    : Zone.unpack(sent.origin, sent.packed);
}

/** The same name in memory of its own: a message would carry along all that a view lies in. */
export function ownName(name: Name): Name {
  return name.length === name.buffer.byteLength ? name : name.slice();
}
