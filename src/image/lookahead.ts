// Asks memory for what a batch is about to read, for all its names at once: one after the other each
// search waits for a line of the index, then for a node's, and a live answer for two of its slot's.
//
// Every step is a loop so short that a processor has the lines of a whole batch on their way together.
// Nothing is decided here: whoever searches looks at everything himself.

import {
  BASE_INDEX,
  ENTRY_FLAGS_SHIFT,
  ENTRY_LIVE,
  ENTRY_SIZE_MASK,
  entriesOffset,
  NODE_EMPTY,
  SLOT_HALVES,
  SLOT_STATE,
  SLOT_WORDS,
  SLOTS_DIRECTORY,
  SLOTS_USED,
} from "./layout.ts";

/** A smaller base, with fewer live answers, is in the nearest caches by itself, or soon. */
const LARGE_OCTETS = 0x10_0000;
const SLOTS_MANY = 256;

/** One reader's look ahead. */
export class Lookahead {
  private readonly slots: Int32Array;
  private words: Int32Array = new Int32Array(BASE_INDEX + 1);
  private mask = 0;
  private offsets = 0;
  private isLarge = false;
  private count = 0;
  private readonly hashes: Int32Array;
  /** Of each name the node, then its first entry, then its slot: words in their memory; 0: none. */
  private readonly places: Int32Array;
  /** Takes what was only looked at, so that the looking is done. */
  private readonly seen = new Int32Array(1);

  /** @param namesMax names of a batch at most. */
  constructor(slots: Int32Array, namesMax: number) {
    this.slots = slots;
    this.hashes = new Int32Array(namesMax);
    this.places = new Int32Array(namesMax);
  }

  /** Whether there is so much to read that looking ahead is worth its own cost. */
  get isWorthIt(): boolean {
    return this.isLarge || this.hasManySlots;
  }

  private get hasManySlots(): boolean {
    return (this.slots[SLOTS_USED] as number) >= SLOTS_MANY;
  }

  /** Looks into another base from now on, as its head says. */
  adopt(words: Int32Array, mask: number, offsetBits: number): void {
    this.words = words;
    this.mask = mask;
    this.offsets = (1 << offsetBits) - 1;
    this.isLarge = words.byteLength >= LARGE_OCTETS;
  }

  /** Adds a name of the batch by its hash. */
  add(hash: number): void {
    if (this.count < this.hashes.length) this.hashes[this.count++] = hash;
  }

  /** Asks for what all names of the batch need, and forgets them. */
  fetch(): void {
    const { count } = this;
    this.count = 0;
    let seen = this.fetchIndex(count) ^ this.fetchNodes(count) ^ this.fetchEntries(count);
    if (this.hasManySlots) seen ^= this.fetchSlots(count) ^ this.fetchHalves(count);
    this.seen[0] = seen;
  }

  private fetchIndex(count: number): number {
    const { hashes, words, mask } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      seen ^= words[BASE_INDEX + ((hashes[i] as number) & mask)] as number;
    }
    return seen;
  }

  /** The first node that a search meets: for most names it is theirs. */
  private fetchNodes(count: number): number {
    const { hashes, places, words, mask, offsets } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const slot = words[BASE_INDEX + ((hashes[i] as number) & mask)] as number;
      const node = (slot & offsets) << 1;
      places[i] = node;
      seen ^= words[node] as number;
    }
    return seen;
  }

  /** A node's first entry is often on the line behind. */
  private fetchEntries(count: number): number {
    const { places, words } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const node = places[i] as number;
      const head = words[node + 1] as number;
      places[i] = 0;
      if (node === 0 || (head & NODE_EMPTY) !== 0) continue;
      const entry = node + entriesOffset(head);
      places[i] = entry;
      seen ^= words[entry + 1] as number;
    }
    return seen;
  }

  private fetchSlots(count: number): number {
    const { places, words, slots } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const entry = places[i] as number;
      const size = words[entry + 1] as number;
      places[i] = 0;
      if (entry === 0 || (size & (ENTRY_LIVE << ENTRY_FLAGS_SHIFT)) === 0) continue;
      const slot = SLOTS_DIRECTORY + (size & ENTRY_SIZE_MASK) * SLOT_WORDS;
      places[i] = slot;
      seen ^= slots[slot + SLOT_STATE] as number;
    }
    return seen;
  }

  /** The half that a slot shows; what is written there meanwhile is not looked at. */
  private fetchHalves(count: number): number {
    const { places, slots } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const slot = places[i] as number;
      if (slot === 0) continue;
      const state = slots[slot + SLOT_STATE] as number;
      seen ^= slots[slots[slot + SLOT_HALVES + (state & 1)] as number] as number;
    }
    return seen;
  }
}
