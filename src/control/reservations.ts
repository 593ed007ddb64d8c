// Serials reserved ahead in the store, so that a swap never waits for a disk and none is used twice.

import type { Time } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { advanceSerial } from "../dns/serial.ts";
import { event } from "../events/event.ts";
import type { EventSink, StorePort } from "./ports.ts";
import { needsReservation, SERIALS_AHEAD, type ServedZone } from "./served-zone.ts";

const RETRY_MS = 1000;

/** Reserves more serials when few are left; a store that refuses is asked again, and it is said. */
export function reserveAhead(
  served: ServedZone,
  ports: { readonly store: StorePort; readonly time: Time; readonly emit: EventSink },
): void {
  if (!needsReservation(served)) return;
  const { store, time, emit } = ports;
  const upTo = advanceSerial(served.serial, SERIALS_AHEAD);
  served.isReserving = true;
  store.reserveSerials(served.origin, upTo).then(
    () => {
      served.isReserving = false;
      served.reservedSerial = upTo;
    },
    (error: unknown) => {
      const detail = messageOf(error);
      const msg = `Cannot reserve serials for zone "${served.display}": ${detail}`;
      emit(event("store.failing", msg, { code: "RESERVE", detail, waiting: 0 }));
      time.after(RETRY_MS, () => {
        served.isReserving = false;
        reserveAhead(served, ports);
      });
    },
  );
}
