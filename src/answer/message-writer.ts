// Writes the sections of one answer, with names compressed against everything earlier in the
// message (RFC 1035 section 4.1.4). No allocation: its table of names is a few typed arrays,
// cleared by hand.

import {
  compressibleNames,
  extraNameAt,
  RECORD_HEAD_OCTETS,
  RECORD_RDLENGTH_AT,
  RECORD_TTL_AT,
} from "../image/layout.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import type { RRsetView } from "../image/rrset-view.ts";
import { copyOctets } from "./octets.ts";
import { HEADER_OCTETS } from "./query.ts";

/** Names that later ones can point to; a message with more is right, only longer. */
const NAMES_MAX = 384;
const TABLE_MASK = 1023;
/** The largest offset that a pointer can hold. */
const POINTER_MAX = 0x3fff;
/** Stands for "every TTL". */
export const TTL_ANY = 0x7fff_ffff;
/** `writeName` found no room. */
const NO_ROOM = -1;

/** The writer of one thread; `begin` starts a message. */
export class MessageWriter {
  /** Where the next octet goes. */
  at = 0;
  private out: Uint8Array = new Uint8Array(0);
  private start = 0;
  private limit = 0;

  private ownerBytes: Uint8Array = new Uint8Array(1);
  private ownerAt = 0;
  /** Offset of the owner in the message, 0 while it is not there. */
  private ownerPointer = 0;

  /** The question's name while no name had to be looked for in it. */
  private question: NameBuffer | undefined;
  private names = 0;
  private readonly nameHash = new Int32Array(NAMES_MAX);
  private readonly nameOffset = new Uint16Array(NAMES_MAX);
  private readonly nameSlot = new Uint16Array(NAMES_MAX);
  private readonly table = new Uint16Array(TABLE_MASK + 1);
  private readonly name = new NameBuffer();

  /** Starts behind the question; nothing is written at or behind `limit`. */
  begin(out: Uint8Array, start: number, at: number, limit: number): void {
    this.out = out;
    this.start = start;
    this.at = at;
    this.limit = limit;
    if (this.names > 0) this.forget(0);
    this.question = undefined;
  }

  /** Lets names that are written from now on point into the question. */
  noteQuestion(name: NameBuffer): void {
    this.question = name;
  }

  private noteLabels(name: NameBuffer): void {
    this.question = undefined;
    for (let label = 0; label < name.labels; label++) {
      const length = name.suffixLength(label);
      this.note(name.suffixHash(length), HEADER_OCTETS + (name.starts[label] as number));
    }
  }

  /** The owner of the next RRset is the name at this offset of the message. */
  ownAt(offset: number): void {
    this.ownerPointer = offset;
  }

  /** The owner of the next RRset is the uncompressed name at `at` in `bytes`. */
  ownName(bytes: Uint8Array, at: number): void {
    this.ownerBytes = bytes;
    this.ownerAt = at;
    this.ownerPointer = 0;
  }

  /**
   * Copies an RRset of the question's name as it stands in the image.
   *
   * @param turn which record comes first.
   * @returns false, and nothing written, where it does not fit.
   */
  copy(view: RRsetView, turn: number): boolean {
    const { out, at } = this;
    const { bytes, length } = view;
    const from = view.at;
    if (at + length > this.limit) return false;
    if (turn === 0) {
      copyOctets(bytes, from, length, out, at);
    } else {
      const head = recordAt(view, turn) - from;
      const tail = length - head;
      copyOctets(bytes, from + head, tail, out, at);
      copyOctets(bytes, from, head, out, at + tail);
    }
    this.at = at + length;
    return true;
  }

  /**
   * Writes an RRset with the owner set before, its names compressed.
   *
   * @param ttlMax a TTL above this is written as this.
   * @returns false, and nothing written, where it does not fit.
   */
  addRRset(view: RRsetView, turn: number, ttlMax: number): boolean {
    if (this.question !== undefined) this.noteLabels(this.question);
    const mark = this.at;
    const names = this.names;
    const end = view.at + view.length;
    let record = turn === 0 ? view.at : recordAt(view, turn);
    for (let left = view.count; left > 0; left--) {
      if (!this.addRecord(view.bytes, record, view.type, ttlMax)) {
        this.at = mark;
        this.forget(names);
        return false;
      }
      record += RECORD_HEAD_OCTETS + rdLength(view.bytes, record);
      if (record === end) record = view.at;
    }
    return true;
  }

  /** Writes octets as they are; false where they do not fit. */
  paste(octets: Uint8Array, length: number): boolean {
    return this.put(octets, 0, length);
  }

  /** Writes one CNAME record with the owner set before; false where it does not fit. */
  addCname(target: Uint8Array, targetAt: number, ttlFrom: Uint8Array, ttlAt: number): boolean {
    if (this.question !== undefined) this.noteLabels(this.question);
    const mark = this.at;
    const names = this.names;
    if (this.writeOwner() && this.at + 10 <= this.limit) {
      const { out } = this;
      const head = this.at;
      for (let i = 0; i < 4; i++) {
        out[head + i] = i === 1 ? TYPE_CNAME : i === 3 ? CLASS_IN : 0;
        out[head + 4 + i] = ttlFrom[ttlAt + i] as number;
      }
      this.at = head + 10;
      if (this.writeName(target, targetAt) !== NO_ROOM) {
        this.setLength(head + 8);
        return true;
      }
    }
    this.at = mark;
    this.forget(names);
    return false;
  }

  private addRecord(bytes: Uint8Array, record: number, type: number, ttlMax: number): boolean {
    if (!this.writeOwner()) return false;
    const { out } = this;
    const head = this.at;
    const length = rdLength(bytes, record);
    if (head + 10 > this.limit) return false;
    copyOctets(bytes, record + 2, 10, out, head);
    if (ttlMax !== TTL_ANY) capTtl(out, head + RECORD_TTL_AT - 2, ttlMax);
    this.at = head + 10;
    const spec = compressibleNames(type);
    const from = record + RECORD_HEAD_OCTETS;
    if (spec === 0) {
      this.noteTarget(type, bytes, from);
      return this.put(bytes, from, length);
    }
    let read = spec >> 4;
    if (!this.put(bytes, from, read)) return false;
    for (let left = spec & 15; left > 0; left--) {
      if (this.writeName(bytes, from + read) === NO_ROOM) return false;
      read += this.name.length;
    }
    if (!this.put(bytes, from + read, length - read)) return false;
    this.setLength(head + RECORD_RDLENGTH_AT - 2);
    return true;
  }

  /** Lets later names point to one that is about to be written in full, as its type demands. */
  private noteTarget(type: number, bytes: Uint8Array, from: number): void {
    const place = type === TYPE_DNAME ? 1 : extraNameAt(type);
    const { name } = this;
    if (place === 0 || name.read(bytes, from + place - 1, bytes.length) < 0) return;
    const offset = this.at - this.start + place - 1;
    for (let label = 0; label < name.labels; label++) {
      const start = name.starts[label] as number;
      const hash = name.suffixHash(name.length - start);
      if (this.find(hash, name.length - start) > 0) return;
      this.note(hash, offset + start);
    }
  }

  /** Writes the data length whose two octets are at `at`: data goes from behind them to here. */
  private setLength(at: number): void {
    const length = this.at - at - 2;
    this.out[at] = length >>> 8;
    this.out[at + 1] = length;
  }

  private writeOwner(): boolean {
    if (this.ownerPointer === 0) {
      const pointer = this.writeName(this.ownerBytes, this.ownerAt);
      if (pointer > 0) this.ownerPointer = pointer;
      return pointer !== NO_ROOM;
    }
    return this.writePointer(this.ownerPointer);
  }

  /**
   * Writes the uncompressed name at `at` in `bytes`, as short as can be. It is left in `this.name`.
   *
   * @returns the offset that a later pointer to it may name; 0 where there is none; or `NO_ROOM`.
   */
  private writeName(bytes: Uint8Array, at: number): number {
    const { name, out } = this;
    if (name.read(bytes, at, bytes.length) < 0) return NO_ROOM;
    const offset = this.at - this.start;
    let pointer = 0;
    let own = name.length;
    for (let label = 0; label < name.labels; label++) {
      const start = name.starts[label] as number;
      const hash = name.suffixHash(name.length - start);
      pointer = this.find(hash, name.length - start);
      if (pointer > 0) {
        own = start;
        break;
      }
      this.note(hash, offset + start);
    }
    const end = this.at + own + (pointer > 0 ? 2 : 0);
    if (end > this.limit) return NO_ROOM;
    copyOctets(bytes, at, own, out, this.at);
    this.at += own;
    if (pointer > 0) this.writePointer(pointer);
    if (own === 0) return pointer;
    return name.length > 1 && offset <= POINTER_MAX ? offset : 0;
  }

  private writePointer(offset: number): boolean {
    if (this.at + 2 > this.limit) return false;
    this.out[this.at] = 0xc0 | (offset >>> 8);
    this.out[this.at + 1] = offset;
    this.at += 2;
    return true;
  }

  private put(bytes: Uint8Array, from: number, length: number): boolean {
    const { out, at } = this;
    if (at + length > this.limit) return false;
    copyOctets(bytes, from, length, out, at);
    this.at = at + length;
    return true;
  }

  // --- names that were written -------------------------------------------------------------------

  private note(hash: number, offset: number): void {
    if (this.names === NAMES_MAX || offset > POINTER_MAX) return;
    let slot = hash & TABLE_MASK;
    while (this.table[slot] !== 0) slot = (slot + 1) & TABLE_MASK;
    this.nameHash[this.names] = hash;
    this.nameOffset[this.names] = offset;
    this.nameSlot[this.names] = slot;
    this.table[slot] = ++this.names;
  }

  /** Takes back all but the first `names` notes: in reverse, no search path is broken. */
  private forget(names: number): void {
    while (this.names > names) this.table[this.nameSlot[--this.names] as number] = 0;
  }

  /** Offset of the last `length` octets of `this.name` where they were written before, or 0. */
  private find(hash: number, length: number): number {
    for (let slot = hash & TABLE_MASK; ; slot = (slot + 1) & TABLE_MASK) {
      const note = (this.table[slot] as number) - 1;
      if (note < 0) return 0;
      const offset = this.nameOffset[note] as number;
      if (this.nameHash[note] === hash && this.isWrittenAt(offset, length)) return offset;
    }
  }

  private isWrittenAt(offset: number, length: number): boolean {
    const { out, start, name } = this;
    const own = name.bytes;
    let at = start + offset;
    for (let i = own.length - length; i < own.length; ) {
      const size = out[at] as number;
      if (size >= 0xc0) {
        at = start + (((size & 0x3f) << 8) | (out[at + 1] as number));
        continue;
      }
      if (size !== own[i]) return false;
      for (const end = i + size; i < end; ) {
        i++;
        at++;
        const octet = out[at] as number;
        const lower = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
        if (lower !== own[i]) return false;
      }
      i++;
      at++;
    }
    return true;
  }
}

const TYPE_CNAME = 5;
const TYPE_DNAME = 39;
const CLASS_IN = 1;

/** Where the record with this number starts. */
function recordAt(view: RRsetView, number: number): number {
  let at = view.at;
  for (let i = 0; i < number; i++) at += RECORD_HEAD_OCTETS + rdLength(view.bytes, at);
  return at;
}

function rdLength(bytes: Uint8Array, record: number): number {
  const at = record + RECORD_RDLENGTH_AT;
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function capTtl(out: Uint8Array, at: number, most: number): void {
  const ttl =
    (((out[at] as number) << 24) |
      ((out[at + 1] as number) << 16) |
      ((out[at + 2] as number) << 8) |
      (out[at + 3] as number)) >>>
    0;
  if (ttl <= most) return;
  out[at] = most >>> 24;
  out[at + 1] = most >>> 16;
  out[at + 2] = most >>> 8;
  out[at + 3] = most;
}
