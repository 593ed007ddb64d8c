// Packed RRsets with an index by owner: what makes a zone of a million records cost tens of octets
// a record instead of objects. It grows while a zone is built and is never written afterwards.

import { assert } from "../base/assert.ts";
import { isAtOrBelowIn, lowerOctet, type Name } from "../dns/name.ts";
import {
  copyLiving,
  IS_CONTINUATION,
  TTL_MASK,
  TYPE_MOVED_AGAIN,
  TYPE_MOVED_FIRST,
} from "./moved-entry.ts";
import { hashOwner, OwnerIndex, type SharedIndex } from "./owner-index.ts";
import {
  AT_COUNT,
  AT_RDATAS,
  AT_TTL,
  AT_TYPE,
  COUNT_MAX,
  compareOctets,
  ENTRY_OCTETS_MIN,
  entryEnd,
  fieldsOf,
  readEntry,
  readU16,
  readU32,
  sameEntry,
  skipEntry,
  writeHead,
  writeRdata,
  writeU16,
  writeU32,
} from "./pack.ts";
import type { RRset } from "./rrset.ts";
import { isShared, newOctets, sharedOctets } from "./shared.ts";

const ARENA_OCTETS_MAX = 0xffff_fffe;
/** Before this much is wasted, moving records leaves the dead entries where they are. */
const WASTE_OCTETS_MIN = 0x10_0000;

const NOTHING_EXPECTED = { octets: 512, rrsets: 0 };

/** A finished arena in shared memory. Structured-clonable: another thread reads the same octets. */
export interface SharedArena {
  readonly bytes: Uint8Array;
  readonly index: SharedIndex;
}

/** Where an RRset lies in an arena. */
export type EntryAt = number;

/** Packed RRsets, found by owner without regard to case. */
export class Arena {
  #bytes: Uint8Array;
  #end = 0;
  #index: OwnerIndex;
  #wasteOctets = 0;
  #lastAt: EntryAt = -1;

  /** An empty arena; memory for what is expected is set aside, and used only as it is filled. */
  constructor(expected: { readonly octets: number; readonly rrsets: number } = NOTHING_EXPECTED) {
    this.#bytes = newOctets(expected.octets);
    this.#index = new OwnerIndex(expected.rrsets);
  }

  /**
   * An arena over bytes in the pack format, which it takes over: nobody may write them any more.
   *
   * @throws PackError
   */
  static over(packed: Uint8Array): Arena {
    let rrsets = 0;
    for (let at = 0; at < packed.length; at = entryEnd(packed, at)) rrsets++;
    const arena = new Arena();
    arena.#bytes = packed;
    arena.#end = packed.length;
    arena.#reindex(rrsets);
    return arena;
  }

  /** The arena that another thread has shared. */
  static fromShared(shared: SharedArena): Arena {
    const arena = new Arena({ octets: 0, rrsets: 0 });
    arena.#bytes = shared.bytes;
    arena.#end = shared.bytes.length;
    arena.#index = OwnerIndex.fromShared(shared.index);
    return arena;
  }

  /** The arena in shared memory, where it lies from now on. Only for a finished one. */
  share(): SharedArena {
    if (!isShared(this.#bytes)) this.#bytes = sharedOctets(this.bytes);
    return { bytes: this.bytes, index: this.#index.share() };
  }

  /** The entries, without gaps once the arena was finished. Not to be written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  /** Octets in use: the offset at which a walk ends. */
  get end(): number {
    return this.#end;
  }

  get rrsetCount(): number {
    return this.#index.used;
  }

  /** What it costs: entries and index, in octets, reserve included. */
  get memoryOctets(): number {
    return this.#bytes.byteLength + this.#index.memoryOctets;
  }

  /** The entry of an RRset, or -1. */
  find(owner: Name, type: number): EntryAt {
    const slot = this.#slotOf(hashOwner(owner, 0, owner.length), owner, type);
    return slot < 0 ? -1 : this.#index.entryIn(slot);
  }

  /** The first entry of an owner, or -1. */
  findOwner(owner: Name): EntryAt {
    const hash = hashOwner(owner, 0, owner.length);
    for (let slot = this.#index.probe(hash, hash); slot >= 0; ) {
      const at = this.#index.entryIn(slot);
      if (this.isOwner(at, owner)) return at;
      slot = this.#index.probe(slot + 1, hash);
    }
    return -1;
  }

  /** The entries of an owner, in arena order. */
  findAll(owner: Name): EntryAt[] {
    const found: EntryAt[] = [];
    const hash = hashOwner(owner, 0, owner.length);
    for (let slot = this.#index.probe(hash, hash); slot >= 0; ) {
      const at = this.#index.entryIn(slot);
      if (this.isOwner(at, owner)) found.push(at);
      slot = this.#index.probe(slot + 1, hash);
    }
    return found;
  }

  /** Whether the entry at `at` has this owner, without regard to case. */
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

  /** Whether the entry's owner is `name` or lies below it. */
  isOwnerAtOrBelow(at: EntryAt, name: Name): boolean {
    return isAtOrBelowIn(this.#bytes, at + 1, this.#bytes[at] ?? 0, name);
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

  /**
   * Whether an entry has an rdata that is `rdata`: the same octets, or octets that differ in letter
   * case alone and that `isSame` accepts (in some types those are names).
   */
  holdsRdata(at: EntryAt, rdata: Uint8Array, isSame: (held: Uint8Array) => boolean): boolean {
    const bytes = this.#bytes;
    const fields = fieldsOf(bytes, at);
    let next = fields + AT_RDATAS;
    for (let left = readU16(bytes, fields + AT_COUNT); left > 0; left--) {
      const start = next + 2;
      next = start + readU16(bytes, next);
      if (next - start !== rdata.length) continue;
      const likeness = compareOctets(bytes, start, rdata);
      if (likeness === "same") return true;
      if (likeness === "but case" && isSame(bytes.subarray(start, next))) return true;
    }
    return false;
  }

  /** Octets of an entry's rdatas, each with its length of two octets. */
  rdataOctetsAt(at: EntryAt): number {
    return skipEntry(this.#bytes, at) - fieldsOf(this.#bytes, at) - AT_RDATAS;
  }

  /** Whether two entries have the same octets. */
  isSameEntry(at: EntryAt, other: Arena, otherAt: EntryAt): boolean {
    return sameEntry(this.#bytes, at, other.#bytes, otherAt);
  }

  /** The entry behind one, or the arena's end. For walking a finished arena. */
  next(at: EntryAt): EntryAt {
    return skipEntry(this.#bytes, at);
  }

  /** The entry that the last record went to, or -1. */
  get last(): EntryAt {
    return this.#lastAt;
  }

  /** Adds a whole RRset that is not there yet. */
  append(rrset: RRset): void {
    let isFirst = true;
    for (const rdata of rrset.rdatas) {
      if (isFirst) this.addRRset(rrset.owner, rrset.type, rrset.ttl, rdata);
      else this.addRdata(this.#lastAt, rdata);
      isFirst = false;
    }
  }

  /**
   * Starts an RRset with its first record and returns -1; where it is there already, returns its
   * entry and adds nothing.
   */
  addRRset(owner: Name, type: number, ttl: number, rdata: Uint8Array): EntryAt {
    const hash = hashOwner(owner, 0, owner.length);
    const slot = this.#slotOf(hash, owner, type);
    if (slot >= 0) return this.#index.entryIn(slot);
    const at = this.#end;
    const size = ENTRY_OCTETS_MIN + owner.length + 2 + rdata.length;
    this.#reserve(size);
    const fields = writeHead(this.#bytes, at, { owner, type, ttl, count: 1 });
    writeRdata(this.#bytes, fields + AT_RDATAS, rdata);
    if (this.#index.isFull) this.#reindex(this.#index.used * 2);
    this.#index.put(hash, at);
    this.#end = at + size;
    this.#lastAt = at;
    return -1;
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

  /** Ends the building: moved RRsets return to their first place, large reserve is given back. */
  finish(): void {
    if (this.#wasteOctets > 0) this.#compact();
    const reserve = this.#bytes.length - this.#end;
    // Reserve that was never written takes address space, not memory: not worth a copy if small.
    if (reserve > this.#end / 4) this.#resize(this.#end);
  }

  /** The slot of an RRset, or -1. */
  #slotOf(hash: number, owner: Name, type: number): number {
    for (let slot = this.#index.probe(hash, hash); slot >= 0; ) {
      const at = this.#index.entryIn(slot);
      if (this.typeAt(at) === type && this.isOwner(at, owner)) return slot;
      slot = this.#index.probe(slot + 1, hash);
    }
    return -1;
  }

  #reserve(octets: number): void {
    const needed = this.#end + octets;
    assert(needed <= ARENA_OCTETS_MAX, "a zone of less than 4 GiB");
    // By a half: doubling would leave up to the zone's own size unused.
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, this.#bytes.length * 1.5));
  }

  #resize(octets: number): void {
    const resized = newOctets(Math.ceil(octets));
    resized.set(this.bytes);
    this.#bytes = resized;
  }

  #moveToEnd(at: EntryAt, reserveOctets: number): EntryAt {
    const size = skipEntry(this.#bytes, at) - at;
    this.#reserve(size + reserveOctets);
    const owner = this.ownerAt(at);
    const slot = this.#slotOf(hashOwner(owner, 0, owner.length), owner, this.typeAt(at));
    const target = this.#end;
    this.#bytes.copyWithin(target, at, at + size);
    this.#index.move(slot, target);
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

  #compact(): void {
    const to = newOctets(this.#end - this.#wasteOctets);
    this.#lastAt = copyLiving(this.bytes, to);
    this.#bytes = to;
    this.#end = to.length;
    this.#wasteOctets = 0;
    this.#reindex(this.#index.used);
  }

  /** Fills a table with room for `entries` anew, in arena order. */
  #reindex(entries: number): void {
    const index = new OwnerIndex(entries);
    const bytes = this.#bytes;
    for (let at = 0; at < this.#end; at = skipEntry(bytes, at)) {
      const type = this.typeAt(at);
      if (type === TYPE_MOVED_FIRST || type === TYPE_MOVED_AGAIN) continue;
      index.put(hashOwner(bytes, at + 1, bytes[at] ?? 0), at);
    }
    this.#index = index;
  }
}
