// Records to master-file text: one line each, absolute names, explicit TTL and class, so that any
// line can be read alone and two printed zones can be compared line by line.

import { labelStarts, lowerOctet, type Name, nameToText } from "../dns/name.ts";
import { canonicalRdata, printRdata } from "../dns/rdata.ts";
import { TYPE, typeToText } from "../dns/types.ts";

/** Types that do not stand where their number would put them; no data type has number 0. */
const RANKS: Readonly<Record<number, number>> = { [TYPE.SOA]: 0, [TYPE.NS]: 1, [TYPE.A]: 2 };

/** What a printer needs of a record, class IN. */
export interface PrintableRecord {
  readonly owner: Name;
  /** Seconds. */
  readonly ttl: number;
  readonly type: number;
  readonly rdata: Uint8Array;
}

/** `owner TTL IN type data`, parted by tabs, without a line end. Any parser reads it back. */
export function printRecord(record: PrintableRecord): string {
  const { owner, ttl, type, rdata } = record;
  const data = printRdata(type, rdata);
  return `${nameToText(owner)}\t${ttl}\tIN\t${typeToText(type)}\t${data}`;
}

/**
 * The lines of a whole zone, sorted so that equal zones print equally: owners in canonical order
 * (RFC 4034 section 6.1); of one owner SOA, NS, then by type number, each RRSIG behind what it
 * signs (the order of `named-checkzone -D`); of one RRset by canonical data (section 6.3).
 *
 * Holds all records until the first line is out.
 */
export function* printZone(records: Iterable<PrintableRecord>): IterableIterator<string> {
  const sortable: { key: string; record: PrintableRecord }[] = [];
  for (const record of records) sortable.push({ key: sortKey(record), record });
  sortable.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const { record } of sortable) yield printRecord(record);
}

/** A string, one character per octet or pair of octets, whose order is the order of printing. */
function sortKey(record: PrintableRecord): string {
  const { type } = record;
  const rdata = canonicalRdata(type, record.rdata);
  let key = `${ownerKey(record.owner)}${String.fromCharCode(0, ...typeRank(type, rdata))}`;
  for (const octet of rdata) key += String.fromCharCode(octet);
  return key;
}

/**
 * Labels from the right. A label's octets are moved up by two, to leave 1 for its end: a label that
 * is the beginning of another comes first, and a name before the names below it, whose keys go on
 * where its own has the 0 that `sortKey` adds.
 */
function ownerKey(owner: Name): string {
  let key = "";
  for (const start of labelStarts(owner).reverse()) {
    const end = start + 1 + (owner[start] ?? 0);
    for (let at = start + 1; at < end; at++) {
      key += String.fromCharCode(lowerOctet(owner[at] ?? 0) + 2);
    }
    key += "\u0001";
  }
  return key;
}

function typeRank(type: number, rdata: Uint8Array): [number, number] {
  const isSignature = type === TYPE.RRSIG && rdata.length >= 2;
  const sorted = isSignature ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : type;
  return [RANKS[sorted] ?? sorted, isSignature ? 1 : 0];
}
