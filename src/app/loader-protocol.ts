// What control and the loader thread say to each other. Zones travel as shared memory; what is small
// is copied. Both run the same build, so messages carry no version and are not validated.

import type { FileLook, LoadedFile } from "../control/ports.ts";
import type { Name } from "../dns/name.ts";
import type { LiveBinding } from "../image/writer.ts";
import type { SentZone } from "../zone/sent-zone.ts";

/** A zone to be compiled. */
export interface SentImageZone {
  readonly zone: SentZone;
  readonly live: readonly LiveBinding[];
}

/** What the loader is asked for; it answers in order. */
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
  | { readonly op: "unpack"; readonly origin: Name; readonly packed: Uint8Array }
  | { readonly op: "compile"; readonly zones: readonly SentImageZone[] };

/** To the loader. */
export type ToLoader = LoaderCall & { readonly id: number };

/** A loaded file: the whole zone, or the few RRsets that turn `before` into it. */
export type SentFile =
  | Exclude<LoadedFile, { readonly kind: "good" }>
  | (Omit<Extract<LoadedFile, { readonly kind: "good" }>, "zone" | "changes"> & {
      /** Packed; an entry without records is deleted. */
      readonly changes: Uint8Array;
      /** Packed. */
      readonly soa: Uint8Array;
      readonly zone: SentZone | undefined;
    });

/** From the loader: once for each call, but for progress. */
export type FromLoader = { readonly id: number } & (
  | { readonly kind: "progress"; readonly percent: number }
  | { readonly kind: "loaded"; readonly file: SentFile; readonly looks: readonly FileLook[] }
  | { readonly kind: "unpacked"; readonly zone: SentZone }
  | { readonly kind: "compiled"; readonly base: SharedArrayBuffer }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
);
