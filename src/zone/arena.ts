// Packed RRsets with an index by owner: what makes a zone of a million records cost tens of octets
// a record instead of objects. It grows while a zone is built and is never written afterwards.
//
// The index is an open-addressing table of entry offsets (plus one; zero is a free slot). All RRsets
// of one owner hash to the same place, so that one probe sequence meets them in arena order.

import { assert } from "../base/assert.ts";
import { lowerOctet, type Name } from "../dns/name.ts";
import {
  AT_COUNT,
  AT_RDATAS,
  AT_TTL,
  AT_TYPE,
  COUNT_MAX,
  ENTRY_OCTETS_MIN,
  entryEnd,
  fieldsOf,
  grown,
  readEntry,
  readU16,
  readU32,
  writeHead,
  writeRdata,
  writeU16,
  writeU32,
} from "./pack.ts";
import type { RRset } from "./rrset.ts";

/**
 * Types no RRset has: they mark an entry whose records moved to a later one, which its TTL field
 * names. Only the first place of an RRset keeps its turn when the arena is compacted.
 */
const TYPE_MOVED_FIRST = 0;
const TYPE_MOVED_AGAIN = 255;
/** Set in the TTL of an entry that stands for an earlier one; a TTL has 31 bits (RFC 2181 sec. 8). */
const IS_CONTINUATION = 0x8000_0000;
const TTL_MASK = 0x7fff_ffff;
const ARENA_OCTETS_MAX = 0xffff_fffe;
/** Small: a server may hold many zones of a few records. */
const SLOTS_MIN = 16;
/** Before this much is wasted, moving records leaves the dead entries where they are. */
const WASTE_OCTETS_MIN = 0x10_0000;

/** Where an RRset lies in an arena. */
export type EntryAt = number;

/** Packed RRsets, found by owner without regard to case. */
export class Arena {
  #bytes: Uint8Array;
  #end = 0;
  #slots: Uint32Array;
  #rrsets = 0;
  #wasteOctets = 0;
  #lastAt: EntryAt = -1;

  constructor(bytes: Uint8Array = new Uint8Array(512), slots = SLOTS_MIN) {
    this.#bytes = bytes;
    this.#slots = new Uint32Array(slots);
  }

  /**
   * An arena over bytes in the pack format, which it takes over: nobody may write them any more.
   *
   * @throws PackError
   */
  static over(packed: Uint8Array): Arena {
    let rrsets = 0;
    for (let at = 0; at < packed.length; at = entryEnd(packed, at)) rrsets++;
    const arena = new Arena(packed, slotsFor(rrsets));
    arena.#end = packed.length;
    arena.#reindex();
    return arena;
  }

  /** The entries, exact to the octet once the arena was finished. Not to be written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  get rrsetCount(): number {
    return this.#rrsets;
  }

  /** What it costs: entries and index, in octets, reserve included. */
  get memoryOctets(): number {
    return this.#bytes.byteLength + this.#slots.byteLength;
  }

  /** The entry of an RRset, or -1. */
  find(owner: Name, type: number): EntryAt {
    return (this.#slots[this.#slotOf(owner, type)] ?? 0) - 1;
  }

  /** The entries of an owner, in arena order. */
  findAll(owner: Name): EntryAt[] {
    const found: EntryAt[] = [];
    const mask = this.#slots.length - 1;
    for (let slot = hashOwner(owner, 0, owner.length) & mask; ; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot] ?? 0) - 1;
      if (at < 0) return found;
      if (this.isOwner(at, owner)) found.push(at);
    }
  }

  /** The first entry of an owner, or -1. */
  findOwner(owner: Name): EntryAt {
    const mask = this.#slots.length - 1;
    for (let slot = hashOwner(owner, 0, owner.length) & mask; ; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot] ?? 0) - 1;
      if (at < 0 || this.isOwner(at, owner)) return at;
    }
  }

  /** The RRset of an entry; owner and rdatas share the arena's memory. */
  read(at: EntryAt): RRset {
    return readEntry(this.#bytes, at);
  }

  ownerAt(at: EntryAt): Name {
    return this.#bytes.subarray(at + 1, fieldsOf(this.#bytes, at));
  }

  typeAt(at: EntryAt): number {
    return readU16(this.#bytes, fieldsOf(this.#bytes, at) + AT_TYPE);
  }

  ttlAt(at: EntryAt): number {
    return readU32(this.#bytes, fieldsOf(this.#bytes, at) + AT_TTL) & TTL_MASK;
  }

  countAt(at: EntryAt): number {
    return readU16(this.#bytes, fieldsOf(this.#bytes, at) + AT_COUNT);
  }

  /** The entry behind one, or the arena's end. For walking a finished arena. */
  next(at: EntryAt): EntryAt {
    return skipEntry(this.#bytes, at);
  }

  /** Octets in use: the offset at which a walk ends. */
  get end(): number {
    return this.#end;
  }

  /** Adds a whole RRset that is not there yet. */
  append(rrset: RRset): void {
    let at = -1;
    for (const rdata of rrset.rdatas) {
      if (at < 0) at = this.addRRset(rrset.owner, rrset.type, rrset.ttl, rdata);
      else this.addRdata(at, rdata);
    }
  }

  /** Starts an RRset that is not there yet with its first record; returns its entry. */
  addRRset(owner: Name, type: number, ttl: number, rdata: Uint8Array): EntryAt {
    const at = this.#end;
    const size = ENTRY_OCTETS_MIN + owner.length + 2 + rdata.length;
    this.#reserve(size);
    const fields = writeHead(this.#bytes, at, { owner, type, ttl, count: 1 });
    writeRdata(this.#bytes, fields + AT_RDATAS, rdata);
    this.#slots[this.#slotOf(owner, type)] = at + 1;
    this.#end = at + size;
    this.#lastAt = at;
    this.#rrsets++;
    if (this.#rrsets * 8 > this.#slots.length * 5) {
      this.#slots = new Uint32Array(this.#slots.length * 2);
      this.#reindex();
    }
    return at;
  }

  /**
   * Appends a record to an RRset of fewer than 65535. Where other entries follow it, the RRset moves
   * to the arena's end; `finish` puts it back to its first place. Returns its entry from now on.
   */
  addRdata(at: EntryAt, rdata: Uint8Array): EntryAt {
    assert(this.countAt(at) < COUNT_MAX, "an RRset of at most 65535 records");
    this.#reserve(2 + rdata.length);
    const target = at === this.#lastAt ? at : this.#moveToEnd(at, 2 + rdata.length);
    this.#end = writeRdata(this.#bytes, this.#end, rdata);
    const fields = fieldsOf(this.#bytes, target);
    writeU16(this.#bytes, fields + AT_COUNT, this.countAt(target) + 1);
    if (this.#wasteOctets > WASTE_OCTETS_MIN && this.#wasteOctets * 2 > this.#end) {
      const owner = this.ownerAt(target).slice();
      const type = this.typeAt(target);
      this.#compact();
      return this.find(owner, type);
    }
    return target;
  }

  setTtl(at: EntryAt, ttl: number): void {
    const field = fieldsOf(this.#bytes, at) + AT_TTL;
    const flag = readU32(this.#bytes, field) & IS_CONTINUATION;
    writeU32(this.#bytes, field, (ttl | flag) >>> 0);
  }

  /** Ends the building: moved RRsets return to their first place, reserve is given back. */
  finish(): void {
    if (this.#wasteOctets > 0) this.#compact();
    if (this.#bytes.length > this.#end) this.#bytes = this.#bytes.slice(0, this.#end);
  }

  isOwner(at: EntryAt, owner: Name): boolean {
    const bytes = this.#bytes;
    if (bytes[at] !== owner.length) return false;
    for (let i = 0, from = at + 1; i < owner.length; i++, from++) {
      const a = bytes[from] ?? 0;
      const b = owner[i] ?? 0;
      if (a !== b && lowerOctet(a) !== lowerOctet(b)) return false;
    }
    return true;
  }

  /** The slot that holds the RRset, or the free one where it belongs. */
  #slotOf(owner: Name, type: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOwner(owner, 0, owner.length) & mask; ; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot] ?? 0) - 1;
      if (at < 0 || (this.typeAt(at) === type && this.isOwner(at, owner))) return slot;
    }
  }

  #reserve(octets: number): void {
    const needed = this.#end + octets;
    assert(needed <= ARENA_OCTETS_MAX, "a zone of less than 4 GiB");
    if (needed > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#end, needed);
  }

  #moveToEnd(at: EntryAt, reserveOctets: number): EntryAt {
    const size = skipEntry(this.#bytes, at) - at;
    this.#reserve(size + reserveOctets);
    const slot = this.#slotOf(this.ownerAt(at), this.typeAt(at));
    const target = this.#end;
    this.#bytes.copyWithin(target, at, at + size);
    this.#slots[slot] = target + 1;
    this.#end = target + size;
    this.#lastAt = target;
    this.#wasteOctets += size;
    const targetFields = fieldsOf(this.#bytes, target);
    const ttl = readU32(this.#bytes, targetFields + AT_TTL);
    writeU32(this.#bytes, targetFields + AT_TTL, (ttl | IS_CONTINUATION) >>> 0);
    const fields = fieldsOf(this.#bytes, at);
    const isFirst = (ttl & IS_CONTINUATION) === 0;
    writeU16(this.#bytes, fields + AT_TYPE, isFirst ? TYPE_MOVED_FIRST : TYPE_MOVED_AGAIN);
    writeU32(this.#bytes, fields + AT_TTL, target);
    return target;
  }

  /** Copies what lives into a buffer of its size, in the order the RRsets first came. */
  #compact(): void {
    const from = this.#bytes;
    const to = new Uint8Array(this.#end - this.#wasteOctets);
    let end = 0;
    for (let at = 0, next = 0; at < this.#end; at = next) {
      next = skipEntry(from, at);
      const live = liveEntry(from, at);
      if (live < 0) continue;
      const size = skipEntry(from, live) - live;
      to.set(from.subarray(live, live + size), end);
      const ttlField = fieldsOf(to, end) + AT_TTL;
      writeU32(to, ttlField, readU32(to, ttlField) & TTL_MASK);
      this.#lastAt = end;
      end += size;
    }
    assert(end === to.length, "an arena's waste counted to the octet");
    this.#bytes = to;
    this.#end = end;
    this.#wasteOctets = 0;
    this.#reindex();
  }

  /** Fills the table anew from the entries, in arena order. */
  #reindex(): void {
    this.#slots.fill(0);
    const bytes = this.#bytes;
    const mask = this.#slots.length - 1;
    let rrsets = 0;
    for (let at = 0; at < this.#end; at = skipEntry(bytes, at)) {
      const type = this.typeAt(at);
      if (type === TYPE_MOVED_FIRST || type === TYPE_MOVED_AGAIN) continue;
      let slot = hashOwner(bytes, at + 1, bytes[at] ?? 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = at + 1;
      rrsets++;
    }
    this.#rrsets = rrsets;
  }
}

/** Where the records of a first place are now, or -1 for an entry that stands for another place. */
function liveEntry(bytes: Uint8Array, start: EntryAt): EntryAt {
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

/** Like `entryEnd`, for entries known to be whole. */
function skipEntry(bytes: Uint8Array, at: EntryAt): EntryAt {
  const fields = fieldsOf(bytes, at);
  let end = fields + AT_RDATAS;
  for (let left = readU16(bytes, fields + AT_COUNT); left > 0; left--) {
    end += 2 + readU16(bytes, end);
  }
  return end;
}

/** A power of two with room for `rrsets` entries below the load at which the table grows. */
function slotsFor(rrsets: number): number {
  let slots = SLOTS_MIN;
  while (rrsets * 8 > slots * 5) slots *= 2;
  return slots;
}

/** FNV-1a over the lower-case octets, finished as MurmurHash3 does so that low bits are good. */
function hashOwner(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = at, end = at + length; i < end; i++) {
    hash = Math.imul(hash ^ lowerOctet(bytes[i] ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
