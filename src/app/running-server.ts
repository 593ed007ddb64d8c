// A server within its process, as whoever starts one sees it.

import { counted } from "../base/count.ts";
import { AppError } from "../base/errors.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import type { Fleet } from "../server/fleet.ts";
import { formatListen, type ListenAddress } from "../server/listen.ts";
import type { ThreadStatus } from "../view/status.ts";
import type { ControlReady, StoreReady } from "./messages.ts";

/** What a running server can be asked from within its process. */
export interface Server {
  /** Where it listens, with the ports it really has. */
  readonly addresses: readonly ListenAddress[];
  readonly zones: number;
  threads(): readonly ThreadStatus[];
  /** Looks at every zone and pools file now. */
  rescan(): void;
  /** Ends one thread as a defect would; its replacement follows. For tests of exactly that. */
  killThread(kind: ThreadStatus["kind"], index: number): Promise<void>;
  stop(cause: string): Promise<void>;
}

/** Nothing can be served: no listen address or no zone is usable. */
export class StartError extends AppError {
  override readonly code: "START_NO_ADDRESS" | "START_NO_ZONE";

  constructor(code: StartError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** What is said once the store is there. */
export function storeEvent(path: string, opened: StoreReady): LivezoneEvent {
  const { version, octets, migratedFrom } = opened;
  const migrated = migratedFrom === undefined ? {} : { migratedFrom };
  const fields = { path, version, octets, ...migrated };
  return event("store.opened", `The store is open: ${path}`, fields);
}

/** What is said once questions are answered as before the end, while zones are opened still. */
export function restoredEvent(zones: number, tookMs: number): LivezoneEvent {
  const msg = `Answering from the image on disk: ${counted(zones, "zone")}`;
  return event("image.restored", msg, { zones, durationMs: Math.round(tookMs) });
}

/** What is said once questions are answered. */
export function readyEvent(
  fleet: Pick<Fleet, "addresses" | "tlsAddresses" | "transport">,
  { zones, records }: Pick<ControlReady, "zones" | "records">,
  tookMs: number,
): LivezoneEvent {
  const listen = fleet.addresses.map(formatListen);
  const tls = fleet.tlsAddresses.map(formatListen);
  const holds = `${counted(zones, "zone")}, ${counted(records, "record")}`;
  const fields = { listen, tls, zones, records, durationMs: Math.round(tookMs) };
  const msg = `Ready: ${holds}, on ${listen.join(", ")}`;
  return event("server.ready", msg, { ...fields, transport: fleet.transport });
}
