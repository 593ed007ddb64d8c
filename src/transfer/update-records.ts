// The records of an update (RFC 2136 sections 2.5 and 3.4), each of which does one thing:
//
//   class   type   TTL   data   does                                     never
//   IN      T      any   yes    adds the record, or sets the RRset's TTL a CNAME beside other data
//   ANY     T      0     no     deletes the RRset                        SOA and NS of the apex
//   ANY     ANY    0     no     deletes all that the name holds          SOA and NS of the apex
//   NONE    T      0     yes    deletes that record                      SOA, the apex's last NS
//
// What stands under "never" is passed over in silence, as section 3.4.2 wants it.

import type { MessageRecord } from "../dns/message.ts";
import { equalNames, isAtOrBelow, type Name, nameToDisplay } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import { TTL_MAX } from "../dns/ttl.ts";
import { CLASS, isDataType, RCODE, TYPE, typeToText } from "../dns/types.ts";
import { BESIDE_CNAME } from "../zone/check.ts";
import { readSoa, withSerial } from "../zone/soa.ts";
import type { UpdateBounds, UpdateRefusal } from "./update.ts";
import { recordKey, type UpdateDraft } from "./update-draft.ts";

/** What a pool may stand in for. */
const POOLED = [TYPE.A, TYPE.AAAA, TYPE.CNAME] as const;
/** An RRset of these has one record: a new one takes its place. */
const SINGLE = new Set<number>([TYPE.CNAME, TYPE.DNAME, TYPE.SOA]);

/** The first record that who asks may not touch, or that a pool owns (RFC 2136 section 3.3). */
export function forbiddenRecord(
  draft: UpdateDraft,
  records: readonly MessageRecord[],
  bounds: UpdateBounds,
): UpdateRefusal | undefined {
  for (const record of records) {
    const { owner } = record;
    // What is out of the zone is nobody's here: the next check says so.
    if (!isAtOrBelow(owner, draft.origin)) continue;
    const types = touchedTypes(draft, record);
    const alien = types.find((type) => !bounds.may(owner, type));
    if (alien !== undefined) {
      return refused(RCODE.REFUSED, `it may not touch ${titleOf(owner, alien)}`);
    }
    const isWide = record.type === TYPE.ANY || record.type === TYPE.CNAME;
    const pooled = [...types, ...(isWide ? POOLED : [])].find((type) => {
      return bounds.isPooled(owner, type);
    });
    if (pooled === undefined) continue;
    return refused(RCODE.REFUSED, `${titleOf(owner, pooled)} belongs to a pool`);
  }
  return undefined;
}

/** The first record of no form that an update knows (RFC 2136 section 3.4.1.3). */
export function malformedRecord(
  draft: UpdateDraft,
  records: readonly MessageRecord[],
): UpdateRefusal | undefined {
  for (const { owner, type, class: recordClass, ttl, rdata } of records) {
    const what = titleOf(owner, type);
    if (!isAtOrBelow(owner, draft.origin)) return refused(RCODE.NOTZONE, `${what} is out of zone`);
    const isDeletion = recordClass === CLASS.ANY || recordClass === CLASS.NONE;
    if (!isDeletion && recordClass !== CLASS.IN) {
      return refused(RCODE.FORMERR, `${what} is of class ${recordClass}`);
    }
    if (isDeletion && ttl !== 0) return refused(RCODE.FORMERR, `deleted ${what} has a TTL`);
    if (recordClass === CLASS.ANY && rdata.length > 0) {
      return refused(RCODE.FORMERR, `deleted RRset ${what} has data`);
    }
    const isWhole = recordClass === CLASS.ANY && type === TYPE.ANY;
    if (!isWhole && !isDataType(type)) {
      return refused(RCODE.FORMERR, `${what} is of no type that a zone holds`);
    }
  }
  return undefined;
}

/**
 * Does what the records say, one after the other.
 *
 * @returns the serial of the last SOA that was newer than `serial`, if there was one.
 */
export function applyRecords(
  draft: UpdateDraft,
  records: readonly MessageRecord[],
  serial: number,
): number | undefined {
  let newest: number | undefined;
  for (const record of records) {
    if (record.class === CLASS.ANY) deleteRRsets(draft, record);
    else if (record.class === CLASS.NONE) deleteRecord(draft, record);
    else if (record.type === TYPE.SOA)
      newest = replaceSoa(draft, record, newest ?? serial) ?? newest;
    else addRecord(draft, record);
  }
  return newest;
}

/** The types that a record is about; deleting all that a name holds is about each of them. */
function touchedTypes(draft: UpdateDraft, { owner, type }: MessageRecord): readonly number[] {
  if (type !== TYPE.ANY) return [type];
  return draft.typesAt(owner).filter((held) => !isApexKept(draft, owner, held));
}

function addRecord(draft: UpdateDraft, { owner, type, ttl, rdata }: MessageRecord): void {
  const types = draft.typesAt(owner);
  const isAlias = type === TYPE.CNAME;
  // RFC 2136 section 3.4.2.2: neither may an alias join other data, nor other data an alias.
  if (isAlias && types.some((held) => !BESIDE_CNAME.has(held))) return;
  if (!BESIDE_CNAME.has(type) && types.includes(TYPE.CNAME)) return;
  const rrset = draft.at(owner, type);
  // RFC 2181 sections 5.2 and 8: an RRset has one TTL, and one above 2^31 - 1 is 0.
  rrset.ttl = ttl > TTL_MAX ? 0 : ttl;
  const key = recordKey(type, rdata);
  if (SINGLE.has(type)) rrset.records.clear();
  rrset.records.set(key, rdata);
}

/** Takes over an SOA of the apex that is newer; the serial itself is set by who publishes. */
function replaceSoa(
  draft: UpdateDraft,
  { owner, type, ttl, rdata }: MessageRecord,
  serial: number,
): number | undefined {
  const { serial: asked } = readSoa(rdata);
  if (!equalNames(owner, draft.origin) || compareSerial(asked, serial) !== 1) return undefined;
  const before = draft.zone.soa;
  const kept = withSerial({ owner, type, ttl, rdatas: [rdata] }, draft.zone.serial);
  const rrset = draft.at(owner, type);
  rrset.ttl = ttl > TTL_MAX ? before.ttl : ttl;
  rrset.records.clear();
  for (const octets of kept.rdatas) rrset.records.set(recordKey(type, octets), octets);
  return asked;
}

function deleteRRsets(draft: UpdateDraft, { owner, type }: MessageRecord): void {
  const types = type === TYPE.ANY ? draft.typesAt(owner) : [type];
  for (const held of types) {
    if (!isApexKept(draft, owner, held)) draft.at(owner, held).records.clear();
  }
}

function deleteRecord(draft: UpdateDraft, { owner, type, rdata }: MessageRecord): void {
  if (type === TYPE.SOA) return;
  const { records } = draft.at(owner, type);
  const key = recordKey(type, rdata);
  if (isApexKept(draft, owner, type) && records.size === 1) return;
  records.delete(key);
}

function isApexKept(draft: UpdateDraft, owner: Name, type: number): boolean {
  return (type === TYPE.SOA || type === TYPE.NS) && equalNames(owner, draft.origin);
}

function titleOf(owner: Name, type: number): string {
  return `${nameToDisplay(owner)} ${typeToText(type)}`;
}

function refused(rcode: number, reason: string): UpdateRefusal {
  return { kind: "refused", rcode, reason };
}
