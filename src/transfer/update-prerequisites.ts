// The prerequisites of an update (RFC 2136 sections 2.4 and 3.2):
//
//   class   type   data   holds when                                  else
//   ANY     ANY    no     the name holds records                      NXDOMAIN
//   ANY     T      no     there is such an RRset                      NXRRSET
//   NONE    ANY    no     the name holds no records                   YXDOMAIN
//   NONE    T      no     there is no such RRset                      YXRRSET
//   IN      T      yes    the RRset has these records and no others   NXRRSET

import type { MessageRecord } from "../dns/message.ts";
import { isAtOrBelow, nameKey, nameToDisplay } from "../dns/name.ts";
import { CLASS, isDataType, RCODE, TYPE, typeToText } from "../dns/types.ts";
import type { UpdateRefusal } from "./update.ts";
import { recordKey, type UpdateDraft } from "./update-draft.ts";

/** The first prerequisite that does not hold; TTLs do not count. */
export function failedPrerequisite(
  draft: UpdateDraft,
  prerequisites: readonly MessageRecord[],
): UpdateRefusal | undefined {
  const wanted = new Map<string, MessageRecord[]>();
  for (const record of prerequisites) {
    const failure = malformed(draft, record) ?? failureOf(draft, record);
    if (failure !== undefined) return failure;
    if (record.class !== CLASS.IN) continue;
    const key = `${record.type} ${nameKey(record.owner)}`;
    const rrset = wanted.get(key) ?? [];
    wanted.set(key, rrset);
    rrset.push(record);
  }
  for (const records of wanted.values()) {
    const failure = otherRecords(draft, records);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function malformed(draft: UpdateDraft, record: MessageRecord): UpdateRefusal | undefined {
  const { owner, type, ttl, rdata } = record;
  const what = `prerequisite ${nameToDisplay(owner)} ${typeToText(type)}`;
  if (ttl !== 0) return failed(RCODE.FORMERR, `${what} has a TTL`);
  if (!isAtOrBelow(owner, draft.origin)) return failed(RCODE.NOTZONE, `${what} is out of zone`);
  switch (record.class) {
    case CLASS.ANY:
    case CLASS.NONE:
      if (rdata.length > 0) return failed(RCODE.FORMERR, `${what} has data`);
      if (type === TYPE.ANY || isDataType(type)) return undefined;
      return failed(RCODE.FORMERR, `${what} is of no type that a zone holds`);
    case CLASS.IN:
      if (isDataType(type)) return undefined;
      return failed(RCODE.FORMERR, `${what} is of no type that a zone holds`);
    default:
      return failed(RCODE.FORMERR, `${what} is of class ${record.class}`);
  }
}

function failureOf(draft: UpdateDraft, record: MessageRecord): UpdateRefusal | undefined {
  const { owner, type } = record;
  const name = nameToDisplay(owner);
  const rrset = `${name} ${typeToText(type)}`;
  const isName = type === TYPE.ANY;
  if (record.class === CLASS.ANY) {
    if (isName)
      return draft.zone.has(owner) ? undefined : failed(RCODE.NXDOMAIN, `there is no ${name}`);
    return draft.holds(owner, type) ? undefined : failed(RCODE.NXRRSET, `there is no ${rrset}`);
  }
  if (record.class === CLASS.NONE) {
    if (isName)
      return draft.zone.has(owner) ? failed(RCODE.YXDOMAIN, `there is a ${name}`) : undefined;
    return draft.holds(owner, type) ? failed(RCODE.YXRRSET, `there is a ${rrset}`) : undefined;
  }
  return undefined;
}

function otherRecords(
  draft: UpdateDraft,
  records: readonly MessageRecord[],
): UpdateRefusal | undefined {
  const [first] = records;
  if (first === undefined) return undefined;
  const { owner, type } = first;
  const held = new Set(draft.zone.get(owner, type)?.rdatas.map((rdata) => recordKey(type, rdata)));
  const wanted = new Set(records.map(({ rdata }) => recordKey(type, rdata)));
  const isSame = held.size === wanted.size && [...wanted].every((key) => held.has(key));
  if (isSame) return undefined;
  const rrset = `${nameToDisplay(owner)} ${typeToText(type)}`;
  return failed(RCODE.NXRRSET, `${rrset} has other records`);
}

function failed(rcode: number, reason: string): UpdateRefusal {
  return { kind: "refused", rcode, reason };
}
