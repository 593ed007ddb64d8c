// What control and the loader thread say to each other. Zones travel as shared memory; what is small
// is copied. Both run the same build, so messages carry no version and are not validated.

import type { PoolsReading } from "../config/pools.ts";
import type { FileLook, LoadedFile } from "../control/ports.ts";
import type { PoolsRequest } from "../control/ports-pools.ts";
import type { Name } from "../dns/name.ts";
import type { LiveBinding } from "../image/writer.ts";
import type { ReceivedForm, ReceivedZone } from "../transfer/received-zone.ts";
import type { SentZone } from "../zone/sent-zone.ts";

/** A zone to be compiled. */
export interface SentImageZone {
  readonly zone: SentZone;
  readonly live: readonly LiveBinding[];
}

/** What the loader is asked for; it answers in order, but for its first pools file. */
export type LoaderCall =
  | {
      readonly op: "load";
      readonly origin: Name;
      readonly file: string;
      readonly before: SentZone | undefined;
      readonly digest: string;
      /** Up to so many changes are answered without the zone: the asker applies them itself. */
      readonly changesMax: number;
    }
  | {
      readonly op: "receive";
      readonly origin: Name;
      readonly transfer: ReceivedForm;
      readonly before: SentZone | undefined;
      readonly changesMax: number;
    }
  | ({ readonly op: "pools"; readonly zone: SentZone } & Omit<PoolsRequest, "zone">)
  | { readonly op: "unpack"; readonly origin: Name; readonly packed: Uint8Array }
  | { readonly op: "compile"; readonly zones: readonly SentImageZone[] };

/** To the loader. */
export type ToLoader = LoaderCall & { readonly id: number };

/** A zone that was made: the whole of it, or the few RRsets that turn `before` into it. */
export interface SentChange {
  /** Packed; an entry without records is deleted. */
  readonly changes: Uint8Array;
  /** Packed. */
  readonly soa: Uint8Array;
  readonly zone: SentZone | undefined;
}

/** What comes back in place of a zone and its changes. */
type Sent<T extends { readonly kind: string }> =
  | Exclude<T, { readonly kind: "good" }>
  | (Omit<Extract<T, { readonly kind: "good" }>, "zone" | "changes"> & SentChange);

/** A loaded file. */
export type SentFile = Sent<LoadedFile>;
/** A zone of a transfer. */
export type SentReceived = Sent<ReceivedZone>;

/** From the loader: once for each call, but for progress. */
export type FromLoader = { readonly id: number } & (
  | { readonly kind: "progress"; readonly percent: number }
  | { readonly kind: "loaded"; readonly file: SentFile; readonly looks: readonly FileLook[] }
  | { readonly kind: "pools"; readonly reading: PoolsReading }
  | { readonly kind: "received"; readonly received: SentReceived }
  | { readonly kind: "unpacked"; readonly zone: SentZone }
  | { readonly kind: "compiled"; readonly base: SharedArrayBuffer }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
);
