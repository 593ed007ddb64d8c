// Serials reserved ahead in the store, so that a swap never waits for a disk and none is used twice.

import type { Time } from "../base/clock.ts";
import { advanceSerial } from "../dns/serial.ts";
import type { StoredZone, StorePort } from "./ports.ts";
import { needsReservation, SERIALS_AHEAD, type ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";

const RETRY_MS = 1000;

/** Reserves more serials when few are left; a store that refuses is asked again, and it is said. */
export function reserveAhead(
  served: ServedZone,
  ports: { readonly store: StorePort; readonly writer: StoreWriter; readonly time: Time },
): void {
  if (!needsReservation(served)) return;
  const { store, writer, time } = ports;
  const upTo = advanceSerial(served.serial, SERIALS_AHEAD);
  served.isReserving = true;
  store.reserveSerials(served.origin, upTo).then(
    () => {
      served.isReserving = false;
      served.reservedSerial = upTo;
      writer.noteTaken();
    },
    (error: unknown) => {
      writer.noteRefused(error);
      time.after(RETRY_MS, () => {
        served.isReserving = false;
        reserveAhead(served, ports);
      });
    },
  );
}

/**
 * Reserves serials at a start, before the zone's pools can swap; a store that refuses is asked again
 * later.
 *
 * @returns up to which they are reserved.
 */
export function reserveFrom(first: number, stored: StoredZone, store: StorePort): Promise<number> {
  const upTo = advanceSerial(first, SERIALS_AHEAD);
  return store.reserveSerials(stored.origin, upTo).then(
    () => upTo,
    () => stored.reservedSerial,
  );
}
