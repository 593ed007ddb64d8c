// An open-addressing table from owners to the entries of an arena, 5 octets a slot.
//
// A slot holds an entry's offset and an octet of its owner's hash, so that a probe seldom reads an
// entry in vain. All RRsets of one owner hash to the same place: one probe sequence meets them, in
// the order they were put in.

import { lowerOctet } from "../dns/name.ts";

/** Small: a server may hold many zones of a few records. */
const SLOTS_MIN = 16;
/** A table is at most this full: beyond it, probes of absent owners grow long. */
const FILL_MAX = 5 / 8;

/** The table alone; whether an entry has the wanted owner is the arena's to say. */
export class OwnerIndex {
  readonly #offsets: Uint32Array;
  /** 0 is a free slot. */
  readonly #tags: Uint8Array;
  readonly #mask: number;
  #used = 0;

  /** An empty table with room for `entries`. */
  constructor(entries = 0) {
    let slots = SLOTS_MIN;
    while (entries > slots * FILL_MAX) slots *= 2;
    this.#offsets = new Uint32Array(slots);
    this.#tags = new Uint8Array(slots);
    this.#mask = slots - 1;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether another entry would make it too full; then a larger one is to be filled anew. */
  get isFull(): boolean {
    return this.#used >= this.#offsets.length * FILL_MAX;
  }

  get memoryOctets(): number {
    return this.#offsets.byteLength + this.#tags.byteLength;
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

/** From the hash's high bits: the low ones chose the slot. Never 0. */
function tagOf(hash: number): number {
  return (hash >>> 24) | 1;
}
