// How a zone comes to be served: from its first records, or as it was stored.

import { advanceSerial, compareSerial } from "../dns/serial.ts";
import type { Zone } from "../zone/zone.ts";
import { importCommit } from "./edits.ts";
import type { StoredServing, StoredZone } from "./ports.ts";
import { reserveFrom } from "./reservations.ts";
import { newServedZone, SERIALS_AHEAD, type ServedZone } from "./served-zone.ts";
import type { ZoneSource } from "./zone-files.ts";
import type { ZonePorts } from "./zone-ports.ts";

/** Stores a zone that is new here, and serves it from the next base on. */
export async function serveNew(
  ports: ZonePorts,
  { zone, digest }: { readonly zone: Zone; readonly digest: string },
  { source }: Pick<ZoneSource, "source">,
): Promise<ServedZone> {
  const { store, publisher, time } = ports;
  const wallMs = time.wallMs();
  const isCopy = source === "primary";
  const served = newServedZone({
    ...{ zone, source, serial: zone.serial, fileSerial: zone.serial },
    reservedSerial: isCopy ? zone.serial : advanceSerial(zone.serial, SERIALS_AHEAD),
    soaSlot: publisher.soaSlotFor(zone.origin),
    wallMs,
  });
  await store.commitZone(importCommit(zone, digest, wallMs));
  if (!isCopy) await store.reserveSerials(zone.origin, served.reservedSerial);
  // Of a copy that is waited for, the image has nothing yet: its names must not be denied meanwhile.
  if (isCopy) publisher.silence.begin(served, "ending");
  publisher.install(served, served.serial);
  return served;
}

/** Serves a zone as it was stored, from the next base on. */
export async function serveStored(
  ports: ZonePorts,
  stored: StoredZone,
  {
    source,
    servings,
  }: Pick<ZoneSource, "source"> & { readonly servings: readonly StoredServing[] },
): Promise<{ readonly served: ServedZone; readonly isCrash: boolean; readonly octets: number }> {
  const { store, publisher, loader, time } = ports;
  const { origin } = stored;
  const packed = await store.readZone(origin);
  const zone = await loader.unpack(origin, packed);
  // The last run did not end in order: serials up to the reserved one may have been seen.
  const isCrash = compareSerial(stored.reservedSerial, stored.serial) === 1;
  const first = isCrash ? advanceSerial(stored.reservedSerial) : stored.serial;
  const told = stored.told ?? [];
  const isReserving = source !== "primary" || servings.length > 0 || told.length > 0;
  const served = newServedZone({
    ...{ zone, source, serial: first, fileSerial: stored.fileSerial },
    reservedSerial: isReserving ? await reserveFrom(first, stored, store) : first,
    soaSlot: publisher.soaSlotFor(origin),
    wallMs: time.wallMs(),
  });
  served.isHandedOut = true;
  publisher.install(served, stored.serial, { servings, told });
  return { served, isCrash, octets: packed.length };
}
