// From the messages of a whole transfer to the zone they make, and to what differs from the one that
// is held: all of it, or a reason why not.

import { counted } from "../base/count.ts";
import { decodeMessage, MessageError } from "../dns/message.ts";
import type { MessageRecord } from "../dns/message-writer.ts";
import { equalNames, isAtOrBelow, type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import { CLASS, TYPE, typeToText } from "../dns/types.ts";
import { zoneAround } from "../zone/around.ts";
import { ZoneBuilder } from "../zone/build.ts";
import type { RRsetChange } from "../zone/change.ts";
import { checkZone, type ZoneProblem } from "../zone/check.ts";
import { diffZones, equalRRsets } from "../zone/diff.ts";
import type { RRset } from "../zone/rrset.ts";
import { withSerial } from "../zone/soa.ts";
import type { Zone } from "../zone/zone.ts";
import { messagesIn } from "./message-frames.ts";

/** What a transfer makes of a zone. */
export type ReceivedZone =
  | {
      readonly kind: "good";
      readonly zone: Zone;
      /** What turns the zone that is held into it; none where none is held. */
      readonly changes: readonly RRsetChange[];
      /** Sentences. */
      readonly warnings: readonly string[];
    }
  /** Its steps are none from the zone that is held: all of the zone has to be taken. */
  | { readonly kind: "misfit"; readonly why: string }
  /** No zone that can be served. */
  | { readonly kind: "bad"; readonly why: string };

/** What is needed of a transfer. */
export interface ReceivedForm {
  readonly form: "whole" | "difference";
  readonly frames: Uint8Array;
}

const TOLD_MAX = 5;

/** Builds the zone of a transfer. @param before what is held; a difference needs it. */
export function receivedZone(
  origin: Name,
  { form, frames }: ReceivedForm,
  before: Zone | undefined,
): ReceivedZone {
  try {
    if (form === "whole") return wholeZone(origin, frames, before);
    if (before === undefined) return { kind: "misfit", why: "nothing is held yet" };
    return stepped(before, frames);
  } catch (error) {
    if (error instanceof Misfit) return { kind: "misfit", why: error.message };
    if (!(error instanceof MessageError)) throw error;
    return { kind: "bad", why: `it cannot be read: ${error.message}` };
  }
}

/** Every record in its order, once more the SOA at the end. */
function* recordsIn(frames: Uint8Array): Generator<MessageRecord> {
  for (const message of messagesIn(frames)) yield* decodeMessage(message).answers;
}

// --- all of the zone ------------------------------------------------------------------------------

function wholeZone(origin: Name, frames: Uint8Array, before: Zone | undefined): ReceivedZone {
  const builder = new ZoneBuilder(origin, { fileOctets: frames.length });
  const outside: string[] = [];
  let soas = 0;
  for (const record of recordsIn(frames)) {
    const { owner, type, ttl, rdata } = record;
    if (type === TYPE.SOA && equalNames(owner, origin) && ++soas > 1) continue;
    if (record.class !== CLASS.IN || !isAtOrBelow(owner, origin))
      outside.push(nameToDisplay(owner));
    else builder.add(owner, type, ttl, rdata, 0);
  }
  const built = builder.finish();
  if (built.kind === "bad") return unfit(built.problems);
  const { zone } = built;
  const changes = before === undefined ? [] : diffZones(before, zone);
  const warnings = built.problems.map(sentence);
  if (outside.length > 0) {
    const names = outside.slice(0, TOLD_MAX).join(", ");
    const records = counted(outside.length, "record");
    warnings.unshift(`${records} outside of the zone left out: ${names}`);
  }
  return { kind: "good", zone, changes, warnings };
}

// --- steps ----------------------------------------------------------------------------------------

/** A record is to go that is not there, or to come that is: the steps are of another zone. */
class Misfit extends Error {}

/** The RRsets that steps touch, as they stand. */
class Draft {
  readonly #before: Zone;
  readonly #touched = new Map<string, { owner: Name; type: number; rrset: RRset | undefined }>();
  soa: RRset;

  constructor(before: Zone) {
    this.#before = before;
    this.soa = before.soa;
  }

  remove({ owner, type, rdata }: MessageRecord): void {
    const place = this.#place(owner, type);
    const at = placeOf(place.rrset, rdata);
    if (place.rrset === undefined || at < 0) {
      throw new Misfit(`${nameToDisplay(owner)} ${typeToText(type)} is to go, and is not there`);
    }
    const rdatas = place.rrset.rdatas.filter((_, i) => i !== at);
    place.rrset = rdatas.length === 0 ? undefined : { ...place.rrset, rdatas };
  }

  add({ owner, type, ttl, rdata }: MessageRecord): void {
    const place = this.#place(owner, type);
    const { rrset } = place;
    if (rrset !== undefined && placeOf(rrset, rdata) >= 0) {
      // NSD 4.6 adds again what has names in its data and has not changed.
      if (rrset.ttl === ttl) return;
      throw new Misfit(
        `${nameToDisplay(owner)} ${typeToText(type)} is to come, and is there with another TTL`,
      );
    }
    // RFC 2181 section 5.2: the lowest TTL is safe for all of an RRset.
    place.rrset = {
      ...{ owner: rrset?.owner ?? owner, type },
      ttl: Math.min(ttl, rrset?.ttl ?? ttl),
      rdatas: [...(rrset?.rdatas ?? []), rdata],
    };
  }

  /** What differs from before, without the SOA. */
  changes(): RRsetChange[] {
    const changes: RRsetChange[] = [];
    for (const { owner, type, rrset } of this.#touched.values()) {
      const old = this.#before.get(owner, type);
      const isSame = old !== undefined && rrset !== undefined && equalRRsets(old, rrset);
      if (!isSame && old !== rrset) changes.push({ owner, type, rrset });
    }
    return changes;
  }

  #place(owner: Name, type: number): { rrset: RRset | undefined } {
    const key = `${type} ${nameKey(owner)}`;
    const known = this.#touched.get(key);
    if (known !== undefined) return known;
    const place = { owner, type, rrset: this.#before.get(owner, type) };
    this.#touched.set(key, place);
    return place;
  }
}

function stepped(before: Zone, frames: Uint8Array): ReceivedZone {
  const { origin } = before;
  const draft = new Draft(before);
  let soas = 0;
  for (const record of recordsIn(frames)) {
    const { owner, type, ttl, rdata } = record;
    if (record.class !== CLASS.IN || !isAtOrBelow(owner, origin)) continue;
    if (type === TYPE.SOA && equalNames(owner, origin)) {
      draft.soa = { owner, type, ttl, rdatas: [rdata] };
      soas++;
      // The first SOA stands before all steps; then each step has an old one and a new one.
    } else if (soas % 2 === 0) draft.remove(record);
    else draft.add(record);
  }
  const { soa } = draft;
  const ofSoa = { owner: origin, type: TYPE.SOA, rrset: soa };
  const changes = draft.changes();
  const zone = before.with([...changes, ofSoa]);
  const problems = checkZone(zoneAround(zone, changes));
  if (problems.some(({ severity }) => severity === "error")) return unfit(problems);
  // A serial alone is no change.
  if (!equalRRsets(withSerial(before.soa, 0), withSerial(soa, 0))) changes.push(ofSoa);
  return { kind: "good", zone, changes, warnings: [] };
}

function placeOf(rrset: RRset | undefined, rdata: Uint8Array): number {
  if (rrset === undefined) return -1;
  const wanted = Buffer.from(canonicalRdata(rrset.type, rdata));
  return rrset.rdatas.findIndex((held) => wanted.equals(canonicalRdata(rrset.type, held)));
}

function unfit(problems: readonly ZoneProblem[]): ReceivedZone {
  const errors = problems.filter(({ severity }) => severity === "error");
  const told = errors.slice(0, TOLD_MAX).map(sentence).join("; ");
  const more = errors.length > TOLD_MAX ? ` (and ${errors.length - TOLD_MAX} more)` : "";
  return { kind: "bad", why: `it is no zone that can be served: ${told}${more}` };
}

function sentence({ owner, type, message }: ZoneProblem): string {
  const what = type === undefined ? "" : ` ${typeToText(type)}`;
  return `${message} (${nameToDisplay(owner)}${what})`;
}
