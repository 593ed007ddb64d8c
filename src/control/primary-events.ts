// What is said of zones that are copied.

import { counted } from "../base/count.ts";
import { formatDuration } from "../base/duration.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import type { ReceivedTransfer } from "../transfer/transfer-receiver.ts";
import type { RRset } from "../zone/rrset.ts";
import { readSoa } from "../zone/soa.ts";
import type { OtherServer } from "./ports-secondaries.ts";
import { serverName } from "./secondaries.ts";
import type { ServedZone } from "./served-zone.ts";

/** A transfer is published. */
export function receivedEvent(
  zone: string,
  from: OtherServer,
  of: {
    readonly transfer: ReceivedTransfer;
    readonly since: RRset | undefined;
    readonly durationMs: number;
  },
): LivezoneEvent {
  const { serial, form, records, octets, messages } = of.transfer;
  const server = serverName(from);
  const { durationMs } = of;
  const [soa] = of.since?.rdatas ?? [];
  const base = { zone, server, serial, records, octets, messages, durationMs };
  const count = counted(records, "record");
  if (form === "whole" || soa === undefined) {
    const msg = `${server} gave zone ${zone} at serial ${serial}, ${count}`;
    return event("transfer.received", msg, { ...base, kind: "axfr" });
  }
  const since = readSoa(soa).serial;
  const msg = `${server} gave zone ${zone} at serial ${serial}, what differs from ${since}, ${count}`;
  return event("transfer.received", msg, { ...base, kind: "ixfr", since });
}

/** No primary confirms the copy. */
export function failingEvent(
  zone: string,
  reason: string,
  expiresWallMs: number | undefined,
): LivezoneEvent {
  const msg = `No primary confirms zone ${zone}: ${reason}`;
  const ends = expiresWallMs === undefined ? {} : { expiresWallMs };
  return event("primary.failing", msg, { zone, reason, ...ends });
}

/** One does again. */
export function recoveredEvent(zone: string, from: OtherServer, durationMs: number): LivezoneEvent {
  const server = serverName(from);
  const msg = `${server} confirms zone ${zone} again`;
  return event("primary.recovered", msg, { zone, server, durationMs });
}

/** The copy is too old to be answered. @param at how long ago it was confirmed, and what time it is */
export function expiredEvent(
  { display: zone, fileSerial: serial }: ServedZone,
  at: { readonly agoMs: number; readonly wallMs: number },
): LivezoneEvent {
  const ago = formatDuration(Math.round(at.agoMs / 1000) * 1000);
  const msg = `Zone ${zone} has expired: no primary has confirmed serial ${serial} for ${ago}`;
  const confirmedWallMs = Math.round(at.wallMs - at.agoMs);
  return event("zone.expired", msg, { zone, serial, confirmedWallMs });
}

/** It is answered again. */
export function revivedEvent(
  { display: zone, fileSerial: serial }: ServedZone,
  from: OtherServer,
): LivezoneEvent {
  const server = serverName(from);
  const msg = `Zone ${zone} is answered again: ${server} has confirmed serial ${serial}`;
  return event("zone.revived", msg, { zone, serial });
}
