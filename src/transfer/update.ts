// UPDATE (RFC 2136): a message and a zone in, the RRsets that change or a refusal out. Nothing is
// applied here: whoever publishes takes all of it or nothing.

import type { Message } from "../dns/message.ts";
import { equalNames, type Name, nameToDisplay } from "../dns/name.ts";
import { CLASS, RCODE, TYPE, typeToText } from "../dns/types.ts";
import type { RRsetChange } from "../zone/change.ts";
import type { Zone } from "../zone/zone.ts";
import { UpdateDraft } from "./update-draft.ts";
import { failedPrerequisite } from "./update-prerequisites.ts";
import { applyRecords, forbiddenRecord, malformedRecord } from "./update-records.ts";

/** What an update may not pass by. */
export interface UpdateBounds {
  /** Whether who asks may touch RRsets of that owner and type. */
  readonly may: (owner: Name, type: number) => boolean;
  /** Whether a pool decides what is answered there: its RRsets are not the update's to change. */
  readonly isPooled: (owner: Name, type: number) => boolean;
}

/** An update that is not done, by its RCODE, and why in words. */
export interface UpdateRefusal {
  readonly kind: "refused";
  readonly rcode: number;
  readonly reason: string;
}

/** An update that may be published; without changes, the zone holds all of it already. */
export interface UpdateChanges {
  readonly kind: "changes";
  readonly changes: readonly RRsetChange[];
  /** Asked for by an SOA of the update, and newer than what was published; else undefined. */
  readonly serial: number | undefined;
}

/** A zone as it stands when an update reaches it. */
export interface UpdateGround {
  /** The records as they are kept: prerequisites are held against these, whatever pools answer. */
  readonly zone: Zone;
  /** Published last. */
  readonly serial: number;
}

/** The zone section's only entry, or what is wrong with it (RFC 2136 section 3.1.1). */
export function updateOrigin({ questions }: Message): Name | UpdateRefusal {
  const [zone] = questions;
  if (zone === undefined || questions.length > 1) {
    return refused(RCODE.FORMERR, `its zone section has ${questions.length} entries instead of 1`);
  }
  if (zone.type !== TYPE.SOA) return refused(RCODE.FORMERR, "its zone section names no SOA");
  if (zone.class !== CLASS.IN) return refused(RCODE.NOTAUTH, "its zone is not of class IN");
  return zone.name;
}

/**
 * Judges an update in the order of RFC 2136 sections 3.1 to 3.4: zone, prerequisites, permission,
 * the form of every record, and only then one record after the other.
 */
export function judgeUpdate(
  message: Message,
  ground: UpdateGround,
  bounds: UpdateBounds,
): UpdateChanges | UpdateRefusal {
  const { origin } = ground.zone;
  const asked = updateOrigin(message);
  if (!(asked instanceof Uint8Array)) return asked;
  if (!equalNames(asked, origin)) {
    return refused(RCODE.NOTAUTH, `${nameToDisplay(asked)} is no zone here`);
  }
  const draft = new UpdateDraft(ground.zone);
  const { answers: prerequisites, authorities: records } = message;
  const refusal =
    failedPrerequisite(draft, prerequisites) ??
    forbiddenRecord(draft, records, bounds) ??
    malformedRecord(draft, records);
  if (refusal !== undefined) return refusal;
  const serial = applyRecords(draft, records, ground.serial);
  const overlong = draft.overlong();
  if (overlong !== undefined) {
    const what = `${nameToDisplay(overlong.owner)} ${typeToText(overlong.type)}`;
    return refused(RCODE.REFUSED, `${what} would be longer than an answer can be`);
  }
  return { kind: "changes", serial, changes: draft.changes() };
}

function refused(rcode: number, reason: string): UpdateRefusal {
  return { kind: "refused", rcode, reason };
}
