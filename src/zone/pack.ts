// RRsets as bytes: the form in which zones are held in memory, sent between threads and stored.
//
//   entry = u8 owner octets, owner, u16 type, u32 ttl, u16 count, count x (u16 octets, rdata)
//
// All numbers big-endian; entries follow each other without gaps. An entry with count 0 names an
// RRset that is deleted (its `rdatas` are empty).

import { assert } from "../base/assert.ts";
import { AppError } from "../base/errors.ts";
import { lowerOctet } from "../dns/name.ts";
import type { RRset } from "./rrset.ts";

/** Octets of an entry besides its owner and its rdatas. */
export const ENTRY_OCTETS_MIN = 1 + 2 + 4 + 2;
/** Where an entry's fields are, counted from the end of its owner. */
export const AT_TYPE = 0;
export const AT_TTL = 2;
export const AT_COUNT = 6;
export const AT_RDATAS = 8;
/** The most records that one entry can hold. */
export const COUNT_MAX = 0xffff;

/** The packed bytes are cut off or are not in the pack format. */
export class PackError extends AppError {
  override readonly code = "PACK_BAD";

  constructor(offset: number, state: string) {
    super(`Cannot unpack RRsets: at octet ${offset}, ${state}`);
  }
}

/** Packs RRsets in their order into a fresh buffer of exactly their size, free to be transferred. */
export function packRRsets(rrsets: Iterable<RRset>): Uint8Array {
  // Most calls bring a handful in an array; a whole zone comes one by one.
  let bytes: Uint8Array = new Uint8Array(Array.isArray(rrsets) ? totalOctets(rrsets) : 1024);
  let end = 0;
  for (const rrset of rrsets) {
    const size = packedOctets(rrset);
    if (end + size > bytes.length) bytes = grown(bytes, end, end + size);
    end = writeEntry(bytes, end, rrset);
  }
  return end === bytes.length ? bytes : bytes.slice(0, end);
}

function totalOctets(rrsets: readonly RRset[]): number {
  return rrsets.reduce((sum, rrset) => sum + packedOctets(rrset), 0);
}

/**
 * Reads packed RRsets in their order. Owners and rdatas share the memory of `bytes`.
 *
 * @throws PackError while iterating, where an entry is cut off or impossible.
 */
export function* unpackRRsets(bytes: Uint8Array): IterableIterator<RRset> {
  for (let at = 0; at < bytes.length; ) {
    const end = entryEnd(bytes, at);
    yield readEntry(bytes, at);
    at = end;
  }
}

/** One buffer of its own with the octets of all, in their order. */
export function joinOctets(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** Octets that `rrset` takes when packed. */
function packedOctets(rrset: RRset): number {
  let size = ENTRY_OCTETS_MIN + rrset.owner.length;
  for (const rdata of rrset.rdatas) size += 2 + rdata.length;
  return size;
}

/** Writes one entry at `at`, where there is room for it, and returns where it ends. */
function writeEntry(bytes: Uint8Array, at: number, rrset: RRset): number {
  const { owner, type, ttl, rdatas } = rrset;
  assert(rdatas.length <= COUNT_MAX, "an RRset of at most 65535 records");
  const fields = writeHead(bytes, at, { owner, type, ttl, count: rdatas.length });
  let end = fields + AT_RDATAS;
  for (const rdata of rdatas) end = writeRdata(bytes, end, rdata);
  return end;
}

/** Writes an entry's owner and fields; returns where its fields begin (see `AT_TYPE`). */
export function writeHead(
  bytes: Uint8Array,
  at: number,
  head: { readonly owner: Uint8Array; type: number; ttl: number; count: number },
): number {
  bytes[at] = head.owner.length;
  bytes.set(head.owner, at + 1);
  const fields = at + 1 + head.owner.length;
  writeU16(bytes, fields + AT_TYPE, head.type);
  writeU32(bytes, fields + AT_TTL, head.ttl);
  writeU16(bytes, fields + AT_COUNT, head.count);
  return fields;
}

/** Writes one rdata with its length before it and returns where it ends. */
export function writeRdata(bytes: Uint8Array, at: number, rdata: Uint8Array): number {
  writeU16(bytes, at, rdata.length);
  bytes.set(rdata, at + 2);
  return at + 2 + rdata.length;
}

/** The RRset of the entry at `at`, which is known to be whole. Shares the memory of `bytes`. */
export function readEntry(bytes: Uint8Array, at: number): RRset {
  const fields = fieldsOf(bytes, at);
  const count = readU16(bytes, fields + AT_COUNT);
  const rdatas: Uint8Array[] = [];
  let next = fields + AT_RDATAS;
  for (let i = 0; i < count; i++) {
    const start = next + 2;
    next = start + readU16(bytes, next);
    rdatas.push(bytes.subarray(start, next));
  }
  return {
    owner: bytes.subarray(at + 1, fields),
    type: readU16(bytes, fields + AT_TYPE),
    ttl: readU32(bytes, fields + AT_TTL),
    rdatas,
  };
}

/** Where the fields of the entry at `at` begin: behind its owner. */
export function fieldsOf(bytes: Uint8Array, at: number): number {
  return at + 1 + (bytes[at] ?? 0);
}

/**
 * Where the entry at `at` ends.
 *
 * @throws PackError where it is not whole or its owner is empty.
 */
export function entryEnd(bytes: Uint8Array, at: number): number {
  const fields = fieldsOf(bytes, at);
  if (fields === at + 1) throw new PackError(at, "an entry has no owner");
  if (fields + AT_RDATAS > bytes.length) throw new PackError(at, "an entry is cut off");
  const count = readU16(bytes, fields + AT_COUNT);
  let end = fields + AT_RDATAS;
  for (let i = 0; i < count; i++) {
    if (end + 2 > bytes.length) throw new PackError(at, "an entry is cut off");
    end += 2 + readU16(bytes, end);
  }
  if (end > bytes.length) throw new PackError(at, "an entry is cut off");
  return end;
}

/** Like `entryEnd`, for entries known to be whole. */
export function skipEntry(bytes: Uint8Array, at: number): number {
  const fields = fieldsOf(bytes, at);
  let end = fields + AT_RDATAS;
  for (let left = readU16(bytes, fields + AT_COUNT); left > 0; left--) {
    end += 2 + readU16(bytes, end);
  }
  return end;
}

/** Whether two entries, known to be whole, have the same octets. */
export function sameEntry(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  const length = skipEntry(a, aAt) - aAt;
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** How the octets at `start` compare with all of `octets`. */
export function compareOctets(
  bytes: Uint8Array,
  start: number,
  octets: Uint8Array,
): "same" | "but case" | "different" {
  let likeness: "same" | "but case" = "same";
  for (let i = 0; i < octets.length; i++) {
    const a = bytes[start + i] ?? 0;
    const b = octets[i] ?? 0;
    if (a === b) continue;
    if (lowerOctet(a) !== lowerOctet(b)) return "different";
    likeness = "but case";
  }
  return likeness;
}

/** A copy of the first `used` octets of `bytes` with room for at least `needed`. */
function grown(bytes: Uint8Array, used: number, needed: number): Uint8Array {
  // Large buffers grow by a half only: doubling would leave up to the zone's own size unused.
  const factor = bytes.length < 0x100_0000 ? 2 : 1.5;
  const larger = new Uint8Array(Math.max(needed, Math.ceil(bytes.length * factor)));
  larger.set(bytes.subarray(0, used));
  return larger;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((readU16(bytes, at) << 16) | readU16(bytes, at + 2)) >>> 0;
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value >>> 16);
  writeU16(bytes, at + 2, value & 0xffff);
}
