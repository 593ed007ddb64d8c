// Entries of an arena that is being built whose records moved on, because their RRset grew while
// others stood behind it: how they are marked, and how the living entry is found.

import { assert } from "../base/assert.ts";
import { AT_TTL, AT_TYPE, fieldsOf, readU16, readU32, skipEntry, writeU32 } from "./pack.ts";

/**
 * Types no RRset has: they mark an entry whose records moved to a later one, which its TTL field
 * names. Only the first place of an RRset keeps its turn when the arena is compacted.
 */
export const TYPE_MOVED_FIRST = 0;
/** The same for a later place that was left again. */
export const TYPE_MOVED_AGAIN = 255;
/** Set in the TTL of an entry that stands for an earlier one; a TTL has 31 bits (RFC 2181 sec. 8). */
export const IS_CONTINUATION = 0x8000_0000;
/** The TTL itself. */
export const TTL_MASK = 0x7fff_ffff;

/**
 * Copies what lives into `to`, which it fills, in the order the RRsets first came; returns where the
 * last one lies there.
 */
export function copyLiving(from: Uint8Array, to: Uint8Array): number {
  let end = 0;
  let last = -1;
  for (let at = 0, next = 0; at < from.length; at = next) {
    next = skipEntry(from, at);
    const live = liveEntry(from, at);
    if (live < 0) continue;
    const size = skipEntry(from, live) - live;
    to.set(from.subarray(live, live + size), end);
    const ttlField = fieldsOf(to, end) + AT_TTL;
    writeU32(to, ttlField, readU32(to, ttlField) & TTL_MASK);
    last = end;
    end += size;
  }
  assert(end === to.length, "an arena's waste counted to the octet");
  return last;
}

/** Where the records of a first place are now, or -1 for an entry that stands for another place. */
function liveEntry(bytes: Uint8Array, start: number): number {
  const type = readU16(bytes, fieldsOf(bytes, start) + AT_TYPE);
  const ttl = readU32(bytes, fieldsOf(bytes, start) + AT_TTL);
  if (type === TYPE_MOVED_AGAIN) return -1;
  if (type !== TYPE_MOVED_FIRST) return (ttl & IS_CONTINUATION) === 0 ? start : -1;
  let at = ttl;
  while (readU16(bytes, fieldsOf(bytes, at) + AT_TYPE) === TYPE_MOVED_AGAIN) {
    at = readU32(bytes, fieldsOf(bytes, at) + AT_TTL);
  }
  return at;
}
