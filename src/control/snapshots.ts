// What a copy of the image stands for, and when another one is due. A copy is worth nothing unless it
// is known to be what the store holds: a restart answers from it before anything else is looked at.

import { type Name, nameKey } from "../dns/name.ts";
import type { ServedZone } from "./served-zone.ts";

/** What an image shows: the serial of every zone, and the names that live answers are bound to. */
export interface ImageStamp {
  readonly zones: readonly { readonly zone: string; readonly serial: number }[];
  /** Keys of live answers (`answerKey`), those of SOAs left out. */
  readonly bindings: readonly string[];
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
