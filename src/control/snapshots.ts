// What a copy of the image stands for, and when another one is due. A copy is worth nothing unless it
// is known to be what the store holds: a restart answers from it before anything else is looked at.

import type { Clock } from "../base/clock.ts";
import { type Name, nameKey } from "../dns/name.ts";
import type { ImageSnapshot } from "../image/writer.ts";
import type { ServedZone } from "./served-zone.ts";

/** What an image shows: the serial of every zone, and the names that live answers are bound to. */
export interface ImageStamp {
  readonly zones: readonly { readonly zone: string; readonly serial: number }[];
  /** Keys of live answers (`answerKey`), those of SOAs left out. */
  readonly bindings: readonly string[];
}

/** A snapshot of the image with what it stands for. */
export type KeptSnapshot = ImageSnapshot & { readonly stamp: ImageStamp };

/** How often the image is looked at for something new to be kept. */
export const KEEP_LOOK_MS = 250;
/** A copy is due so long after the last change: one that is taken between two is true for no time. */
const QUIET_MS = 1000;

/** Whoever shows things, and counts how often. */
interface Shown {
  readonly changes: number;
  snapshot(): KeptSnapshot | undefined;
}

/** Hands out a copy of the image when it has changed and changes no more. */
export class ImageKeeping {
  readonly #clock: Clock;
  readonly #keep: (kept: KeptSnapshot) => void;
  /** The count that was seen last, since when, and the one that was kept. */
  #seen = 0;
  #sinceMs = 0;
  #kept = 0;

  constructor(clock: Clock, keep: (kept: KeptSnapshot) => void) {
    this.#clock = clock;
    this.#keep = keep;
  }

  /** To be called again and again. */
  look(shown: Shown): void {
    const nowMs = this.#clock.nowMs();
    if (shown.changes !== this.#seen) {
      this.#seen = shown.changes;
      this.#sinceMs = nowMs;
    } else if (nowMs - this.#sinceMs >= QUIET_MS) this.keepNow(shown);
  }

  /** At an orderly end: nothing changes any more. */
  keepNow(shown: Shown): void {
    if (shown.changes === this.#kept) return;
    const snapshot = shown.snapshot();
    if (snapshot === undefined) return;
    this.#kept = shown.changes;
    this.#keep(snapshot);
  }
}

/** The stamp of what is served now. */
export function stampOf(zones: ReadonlyMap<string, ServedZone>): ImageStamp {
  const served = [...zones.values()];
  return {
    zones: served.map(({ origin, serial }) => ({ zone: nameKey(origin), serial })),
    bindings: served.flatMap(({ live }) => [...live.keys()]),
  };
}

/**
 * Whether a copy shows what the store holds of exactly the zones that are configured: whatever is
 * published moves a serial, so that equal serials are equal answers.
 */
export function isStampTrue(
  stamp: ImageStamp,
  stored: readonly { readonly origin: Name; readonly serial: number }[],
  configured: readonly Name[],
): boolean {
  const serials = new Map(stored.map(({ origin, serial }) => [nameKey(origin), serial]));
  const wanted = new Set(configured.map(nameKey));
  const isSame = stamp.zones.every(({ zone, serial }) => {
    return wanted.has(zone) && serials.get(zone) === serial;
  });
  return isSame && stamp.zones.length === wanted.size;
}
