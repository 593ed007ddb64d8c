// What the supervisor and the control and store threads say to each other.

import type { MessagePort } from "node:worker_threads";
import type { LedgerMemory } from "../answer/ledger-memory.ts";
import type { MainConfig } from "../config/main.ts";
import type { StoredZone } from "../control/ports.ts";
import type { NumberedAsk, NumberedReply } from "../control/ports-sessions.ts";
import type { ImageStamp, KeptSnapshot } from "../control/snapshots.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { Happened } from "../events/happened.ts";
import type { ImageMemory, ImageSet } from "../image/memory.ts";
import type { ThreadStatus } from "../view/status.ts";

/** What a control thread is born with. */
export interface ControlData {
  readonly pulse: SharedArrayBuffer;
  readonly config: MainConfig;
  readonly memory: ImageMemory;
  readonly ledger: LedgerMemory;
  /** What the memory shows when it was restored from the disk and nobody has changed it yet. */
  readonly resumed: ImageStamp | undefined;
  readonly storePort: MessagePort;
  readonly version: string;
  readonly startedWallMs: number;
  readonly transport: "batched" | "portable";
  readonly listen: readonly string[];
  /** What has happened before, newest last, for whoever follows the events. */
  readonly recent: readonly Happened[];
  /** What the answer threads count. */
  readonly counters: SharedArrayBuffer;
}

/** Supervisor to control. `stop` comes from its keeper. */
export type ToControl =
  | { readonly kind: "stop" }
  | { readonly kind: "rescan" }
  | { readonly kind: "keys"; readonly keys: MainConfig["keys"] }
  | { readonly kind: "happened"; readonly happened: readonly Happened[] }
  | { readonly kind: "session"; readonly ask: NumberedAsk }
  | { readonly kind: "threads"; readonly threads: readonly ThreadStatus[] }
  | { readonly kind: "store-port"; readonly port: MessagePort };

/** Control to supervisor, beside its one `ControlReady`. */
export type FromControl =
  | { readonly kind: "events"; readonly events: readonly LivezoneEvent[] }
  | { readonly kind: "session"; readonly reply: NumberedReply }
  | { readonly kind: "set"; readonly set: ImageSet }
  | { readonly kind: "snapshot"; readonly snapshot: KeptSnapshot };

/** Control has opened every zone it could, and the image holds them. */
export interface ControlReady {
  readonly kind: "ready";
  readonly zones: number;
  readonly records: number;
}

/** What a store thread is born with. */
export interface StoreData {
  readonly pulse: SharedArrayBuffer;
  readonly path: string;
  /** A control thread to serve from the first moment: set when a dead store is replaced. */
  readonly port: MessagePort | undefined;
}

/** Supervisor to store: serve one more control thread, or end. */
export type ToStore =
  | { readonly kind: "serve"; readonly port: MessagePort }
  | { readonly kind: "stop" };

/** The database is open. */
export interface StoreReady {
  readonly kind: "ready";
  readonly version: number;
  readonly octets: number;
  readonly migratedFrom: number | undefined;
  /** What it holds, to be compared with what an image on disk shows. */
  readonly zones: readonly Pick<StoredZone, "origin" | "serial" | "reservedSerial">[];
}
