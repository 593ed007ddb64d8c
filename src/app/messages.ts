// What the supervisor and the control and store threads say to each other.

import type { MessagePort } from "node:worker_threads";
import type { MainConfig } from "../config/main.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { ImageMemory, ImageSet } from "../image/memory.ts";
import type { ThreadStatus } from "../view/status.ts";

/** What a control thread is born with. */
export interface ControlData {
  readonly config: MainConfig;
  readonly memory: ImageMemory;
  readonly storePort: MessagePort;
  readonly version: string;
  readonly startedWallMs: number;
  readonly transport: "batched" | "portable";
  readonly listen: readonly string[];
}

/** Supervisor to control. */
export type ToControl =
  | { readonly kind: "stop" }
  | { readonly kind: "rescan" }
  | { readonly kind: "threads"; readonly threads: readonly ThreadStatus[] }
  | { readonly kind: "store-port"; readonly port: MessagePort };

/** Control to supervisor. */
export type FromControl =
  | { readonly kind: "event"; readonly event: LivezoneEvent }
  | { readonly kind: "set"; readonly set: ImageSet }
  | { readonly kind: "started"; readonly zones: number; readonly records: number }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly kind: "stopped" };

/** What a store thread is born with. */
export interface StoreData {
  readonly path: string;
}

/** Supervisor to store: serve one more port (a new control thread), or end. */
export type ToStore =
  | { readonly kind: "serve"; readonly port: MessagePort }
  | { readonly kind: "stop" };

/** Store to supervisor. */
export type FromStore =
  | {
      readonly kind: "opened";
      readonly version: number;
      readonly octets: number;
      readonly migratedFrom: number | undefined;
    }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly kind: "stopped" };
