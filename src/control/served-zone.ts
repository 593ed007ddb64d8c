// What control knows of one zone it serves: its static records, its serials, its live answers.

import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { advanceSerial, compareSerial } from "../dns/serial.ts";
import { TYPE } from "../dns/types.ts";
import type { ImageZone } from "../image/writer.ts";
import { packRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { Zone } from "../zone/zone.ts";
import type { LivePick } from "./announce.ts";

/** Serials reserved ahead in the store: a crash skips what is left of them and repeats none. */
export const SERIALS_AHEAD = 1000;

/** Two root names and five numbers. */
const SOA_OCTETS_MIN = 22;

/** A pool-bound RRset as it is answered now. */
export interface LiveAnswer {
  readonly owner: Name;
  readonly type: number;
  readonly slot: number;
  /** What secondaries get: the healthy records with the pool's least TTL; empty means NODATA. */
  readonly rrset: RRset;
  /** What the journal has led secondaries to; undefined: no RRset there. */
  readonly told: RRset | undefined;
  /** How an answer picks among the records; undefined: it holds them all. */
  readonly pick?: LivePick | undefined;
  /** Whether its pool has shown it in this run; else it is what the last run answered. */
  readonly isShown: boolean;
  /** Recalled from an answer that no secondary was told of: its TTL is not known. */
  readonly isTtlLost?: boolean;
}

/** One served zone. `zone` holds the static records; the SOA is answered with `serial`. */
export interface ServedZone {
  readonly origin: Name;
  readonly display: string;
  /** Who owns its records. */
  readonly source: "file" | "store" | "primary";
  zone: Zone;
  serial: number;
  /** The serial that is answered; behind `serial` while an edit is on its way. */
  shownSerial: number;
  /** The SOA serial the zone's source held when it was last loaded. */
  fileSerial: number;
  /** Serials up to here are safe to use: the store knows of them. */
  reservedSerial: number;
  isReserving: boolean;
  /** Whether any secondary may have it: before, what it carries may change without a serial. */
  isHandedOut: boolean;
  readonly live: Map<string, LiveAnswer>;
  /** Where the image keeps the SOA, so that a swap moves the serial at the cost of a swap. */
  readonly soaSlot: number;
  publishedWallMs: number;
  /**
   * Whole: nothing of it is answered but SERVFAIL, as its copy has expired. Ending: that goes on until
   * the image shows its records again.
   */
  silence: "whole" | "ending" | undefined;
  /** The complaints about the last refused save, until a good one. */
  rejected: readonly string[];
}

/** A zone that was just loaded or imported and has no live answers yet. */
export function newServedZone(fields: {
  zone: Zone;
  /** By default "file". */
  source?: ServedZone["source"];
  serial: number;
  fileSerial: number;
  reservedSerial: number;
  soaSlot: number;
  wallMs: number;
}): ServedZone {
  return {
    origin: fields.zone.origin,
    display: nameToDisplay(fields.zone.origin),
    source: fields.source ?? "file",
    zone: fields.zone,
    serial: fields.serial,
    shownSerial: fields.serial,
    fileSerial: fields.fileSerial,
    reservedSerial: fields.reservedSerial,
    isReserving: false,
    isHandedOut: false,
    live: new Map(),
    soaSlot: fields.soaSlot,
    publishedWallMs: fields.wallMs,
    silence: undefined,
    rejected: [],
  };
}

/** The image's view of a served zone. */
export function imageZone(served: ServedZone): ImageZone {
  if (served.silence === "whole") return silentZone(served.origin, served.soaSlot);
  const soa = { owner: served.origin, type: TYPE.SOA, slot: served.soaSlot };
  return { zone: served.zone, live: [soa, ...served.live.values()] };
}

/** A zone of which only the apex is there, and an SOA that is to be empty. */
export function silentZone(origin: Name, soaSlot: number): ImageZone {
  const rdatas = [new Uint8Array(SOA_OCTETS_MIN)];
  const zone = Zone.unpack(origin, packRRsets([{ owner: origin, type: TYPE.SOA, ttl: 0, rdatas }]));
  return { zone, live: [{ owner: origin, type: TYPE.SOA, slot: soaSlot }] };
}

/** The key of a live answer in its zone. */
export function answerKey(owner: Name, type: number): string {
  return `${type} ${nameKey(owner)}`;
}

/**
 * Whether serials may be used without an edit: by swaps. A copy without pools has its primary's serials
 * alone, which a crash must not move.
 */
export function hasSwaps({ source, live }: Pick<ServedZone, "source" | "live">): boolean {
  return source !== "primary" || live.size > 0;
}

/** Whether it is time to reserve more: fewer than half of the serials ahead are left. */
export function needsReservation(served: ServedZone): boolean {
  if (served.isReserving || !hasSwaps(served)) return false;
  const half = advanceSerial(served.serial, SERIALS_AHEAD / 2);
  return compareSerial(half, served.reservedSerial) !== -1;
}

/** Whether a live answer has these records: then only its TTL may be another. */
export function hasRecords({ rrset }: LiveAnswer, rdatas: readonly Uint8Array[]): boolean {
  const isSame = (rdata: Uint8Array, i: number): boolean =>
    rdata.every((octet, at) => rrset.rdatas[i]?.[at] === octet);
  return rrset.rdatas.length === rdatas.length && rdatas.every(isSame);
}
