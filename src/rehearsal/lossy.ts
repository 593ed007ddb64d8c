// TCP over a network that loses packets: how long a small request and its answer take. A lost SYN is
// sent again after 1 s, then 2 s, 4 s (RFC 6298 section 2); lost data after 200 ms, then 400 ms.

import type { Random } from "../base/random.ts";

/** A round trip without any loss, in milliseconds. */
const ROUND_TRIP_MS = 2;
const SYN_RETRY_MS = 1000;
const DATA_RETRY_MS = 200;
const RETRIES_MAX = 6;

/** Draws the milliseconds of one exchange; `loss`, 0 to 1, is of packets, in both directions. */
export function exchangeMs(random: Random, loss: number): number {
  const isLost = (): boolean => random.fraction() < loss;
  const opening = deliveryMs(() => isLost() || isLost(), SYN_RETRY_MS);
  return opening + deliveryMs(isLost, DATA_RETRY_MS) + deliveryMs(isLost, DATA_RETRY_MS);
}

function deliveryMs(isLost: () => boolean, retryMs: number): number {
  let spentMs = 0;
  for (let i = 0; i < RETRIES_MAX && isLost(); i++) spentMs += retryMs * 2 ** i;
  return spentMs + ROUND_TRIP_MS;
}
