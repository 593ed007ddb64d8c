// The C library that answers go through, looked for before anything else is done.

import type { EventSink } from "../control/ports.ts";
import { event } from "../events/event.ts";
import { type LibcLoad, loadLibc } from "../server/libc.ts";
import type { ListenAddress } from "../server/listen.ts";
import { openUdpSockets } from "../server/sockets.ts";

/**
 * Loads it; where it is missing, that is said and answers go the portable way.
 *
 * @throws ServerError when an address cannot be had.
 */
export async function loadForListening(
  listen: readonly ListenAddress[],
  emit: EventSink,
): Promise<LibcLoad> {
  const load = await loadLibc();
  if (load.kind === "loaded") {
    // A port in use is found before a zone is loaded; the fleet opens the sockets for good.
    openUdpSockets(load.libc, { listen, workers: 1 }).close();
    return load;
  }
  const missing = `koffi (${load.why})`;
  const instead = "the portable UDP transport";
  const msg = `Cannot answer in batches: ${load.why}; using ${instead}`;
  emit(event("server.degraded", msg, { missing, instead }));
  return load;
}
