// An open-addressing table from owners to the entries of an arena, 5 octets a slot.
//
// A slot holds an entry's offset and an octet of its owner's hash, so that a probe seldom reads an
// entry in vain. All RRsets of one owner hash to the same place: one probe sequence meets them, in
// the order they were put in.

import { lowerOctet } from "../dns/name.ts";
import { newOctets, sharedOctets } from "./shared.ts";

/** Small: a server may hold many zones of a few records. */
const SLOTS_MIN = 16;
/** A table is at most this full: beyond it, probes of absent owners grow long. */
const FILL_MAX = 5 / 8;

/** A table in shared memory. Structured-clonable. */
export interface SharedIndex {
  /** Offsets of 4 octets each in this processor's order, and behind them the tags. */
  readonly octets: Uint8Array;
  readonly used: number;
}

/** Octets of a slot: an offset and a tag. */
const SLOT_OCTETS = 5;

/** The table alone; whether an entry has the wanted owner is the arena's to say. */
export class OwnerIndex {
  #octets: Uint8Array;
  #offsets: Uint32Array;
  /** 0 is a free slot. */
  #tags: Uint8Array;
  readonly #mask: number;
  #used = 0;

  /** An empty table with room for `entries`. */
  constructor(entries = 0, octets = newOctets(slotsFor(entries) * SLOT_OCTETS)) {
    const slots = octets.length / SLOT_OCTETS;
    this.#octets = octets;
    this.#offsets = offsetsIn(octets);
    this.#tags = tagsIn(octets);
    this.#mask = slots - 1;
  }

  /** The table that another thread has shared; nobody writes it any more. */
  static fromShared({ octets, used }: SharedIndex): OwnerIndex {
    const index = new OwnerIndex(0, octets);
    index.#used = used;
    return index;
  }

  /** The table in shared memory, where it lies from now on. */
  share(): SharedIndex {
    const octets = sharedOctets(this.#octets);
    this.#octets = octets;
    this.#offsets = offsetsIn(octets);
    this.#tags = tagsIn(octets);
    return { octets, used: this.#used };
  }

  get used(): number {
    return this.#used;
  }

  /** Whether another entry would make it too full; then a larger one is to be filled anew. */
  get isFull(): boolean {
    return this.#used >= this.#offsets.length * FILL_MAX;
  }

  get memoryOctets(): number {
    return this.#octets.byteLength;
  }

  /** The first slot at or after `slot` that may hold an entry of this hash, or -1 at the end. */
  probe(slot: number, hash: number): number {
    const tag = tagOf(hash);
    for (let at = slot & this.#mask; ; at = (at + 1) & this.#mask) {
      const held = this.#tags[at];
      if (held === tag) return at;
      if (held === 0) return -1;
    }
  }

  /** The entry in a slot that `probe` returned. */
  entryIn(slot: number): number {
    return this.#offsets[slot] ?? 0;
  }

  /** Puts an entry behind the others of its hash. */
  put(hash: number, entry: number): void {
    let slot = hash & this.#mask;
    while (this.#tags[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#tags[slot] = tagOf(hash);
    this.#offsets[slot] = entry;
    this.#used++;
  }

  /** Says that the entry in a slot has moved. */
  move(slot: number, entry: number): void {
    this.#offsets[slot] = entry;
  }
}

/** FNV-1a over the lower-case octets, finished as MurmurHash3 does so that the low bits are good. */
export function hashOwner(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = at, end = at + length; i < end; i++) {
    hash = Math.imul(hash ^ lowerOctet(bytes[i] ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function slotsFor(entries: number): number {
  let slots = SLOTS_MIN;
  while (entries > slots * FILL_MAX) slots *= 2;
  return slots;
}

function offsetsIn(octets: Uint8Array): Uint32Array {
  return new Uint32Array(octets.buffer, octets.byteOffset, octets.length / SLOT_OCTETS);
}

function tagsIn(octets: Uint8Array): Uint8Array {
  return octets.subarray((octets.length / SLOT_OCTETS) * 4);
}

/** From the hash's high bits: the low ones chose the slot. Never 0. */
function tagOf(hash: number): number {
  return (hash >>> 24) | 1;
}
