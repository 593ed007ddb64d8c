// The sections behind a query's question, and the OPT record among them (RFC 6891).

import { RCODE, TYPE } from "../dns/types.ts";
import { refused } from "./door.ts";
import { readOptions } from "./options.ts";
import { type Query, STEP } from "./query.ts";

/** Octets of a record behind its owner and before its data. */
const RECORD_FIXED_OCTETS = 10;
const DNSSEC_OK = 0x80;
/** RFC 6891 section 6.2.3: smaller sizes are taken for 512. */
const UDP_SIZE_MIN = 512;

/** Walks over the sections behind the question and reads the OPT record, if there is one. */
export function readSections(query: Query): number {
  const { packet, start, end } = query;
  if ((u32(packet, start + 6) | u16(packet, start + 10)) === 0) return STEP.go;
  const before = u16(packet, start + 6) + u16(packet, start + 8);
  const records = before + u16(packet, start + 10);
  let at = query.questionEnd;
  for (let record = 0; record < records; record++) {
    const owner = at;
    at = skipName(packet, at, end);
    if (at < 0 || at + RECORD_FIXED_OCTETS > end) return refused(query, RCODE.FORMERR);
    const data = at + RECORD_FIXED_OCTETS;
    const dataEnd = data + u16(packet, data - 2);
    if (dataEnd > end) return refused(query, RCODE.FORMERR);
    if (u16(packet, at) === TYPE.OPT) {
      // One OPT, among the additionals, owned by the root (RFC 6891 sections 6.1.1 and 6.1.2).
      if (record < before || query.hasOpt || at !== owner + 1) {
        return refused(query, RCODE.FORMERR);
      }
      readOpt(query, at);
      // Another version may give its data another form (RFC 6891 section 6.1.3).
      if (query.version === 0 && !readOptions(query, data, dataEnd)) {
        return refused(query, RCODE.FORMERR);
      }
    }
    // Only signatures are looked for: what they are worth is judged elsewhere (RFC 8945).
    if (u16(packet, at) === TYPE.TSIG) query.isSigned = true;
    at = dataEnd;
  }
  // Octets behind the last record are passed over, as NSD and BIND do.
  return STEP.go;
}

/** Refuses versions that are not there yet; needs the version read by `readSections`. */
export function checkVersion(query: Query): number {
  return query.version === 0 ? STEP.go : refused(query, RCODE.BADVERS);
}

/** Takes the fields of the OPT record whose type lies at `at`. */
function readOpt(query: Query, at: number): void {
  const { packet } = query;
  query.hasOpt = true;
  query.udpSize = Math.max(UDP_SIZE_MIN, u16(packet, at + 2));
  query.version = packet[at + 5] as number;
  query.isDnssecOk = ((packet[at + 6] as number) & DNSSEC_OK) !== 0;
}

/**
 * Where the possibly compressed name at `at` ends, or -1. What a pointer names is not looked at.
 */
function skipName(packet: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const size = packet[at] as number;
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2 <= end ? at + 2 : -1;
    if (size > 63) return -1;
    at += size + 1;
  }
  return -1;
}

function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) << 16) | u16(bytes, at + 2);
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
