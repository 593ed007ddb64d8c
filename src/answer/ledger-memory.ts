// The ledger's shared memory: which answer was given until when, and to whom. Answer threads write
// it, each its own part, without locks; control reads it at any time. README.md says who writes what.
//
//   rows     for each thread, and one more for control, two of every slot: era, last end, first given
//   askers   for each thread: head | entries of 16 words, a cache line each, found by a hash of the
//            asker and the slot: in the place it names or one of the next few
//
// Times are ticks: tenths of a second of the monotonic clock that all threads share, as signed words.

import { assert } from "../base/assert.ts";
import { FIRST_LINE_WORD, LINE_WORDS } from "../base/cache-line.ts";

/** All memory of a ledger. Structured-clonable; made by the supervisor alone. */
export interface LedgerMemory {
  /** Threads that write; as many as the image has readers. */
  readonly threads: number;
  readonly slots: number;
  /** Places for askers in each thread's table; a power of two. */
  readonly places: number;
  readonly rows: SharedArrayBuffer;
  readonly askers: SharedArrayBuffer;
}

export const TICK_MS = 100;

// --- rows -----------------------------------------------------------------------------------------

/** Words of one slot in one row: an answer and the one before it, and two to fit a cache line. */
export const ROW_SLOT_WORDS = 8;
/** Words of one: its era, 0 while there is none or it is being exchanged; last end; first given. */
export const PAIR_WORDS = 3;

// --- askers ---------------------------------------------------------------------------------------

/** An asker is looked for in so many places, up to the first one that is free. */
export const WAYS = 8;
/** Words before the entries of a thread. */
export const HEAD_WORDS = FIRST_LINE_WORD;
/** Askers that had to go although they may still have held an answer. */
export const HEAD_EVICTED = 0;
/** The last end among those, in ticks. */
export const HEAD_EVICTED_UNTIL = 1;
/** In the first thread's part: how many control threads there were. */
export const HEAD_LIVES = 3;
/** What the supervisor drew, so that nobody can tell which askers share a place. */
export const HEAD_SEED = 2;

export const ENTRY_WORDS = 16;
/** What `checkOf` makes of the other words: an entry that is being written has another one. */
export const ENTRY_CHECK = 0;
/** slot:20 variant:6 proven:1 IPv6:1 subnet family:2 */
export const ENTRY_WHAT = 1;
/** 0 in an entry that is free. */
export const ENTRY_ERA = 2;
/** The last time it asked, and the last end of what it was given of this era. */
export const ENTRY_ASKED = 3;
export const ENTRY_END = 4;
/** Answers of this era. */
export const ENTRY_COUNT = 5;
/** The same of the era that it was given before. */
export const ENTRY_BEFORE_ERA = 6;
export const ENTRY_BEFORE_END = 7;
export const ENTRY_BEFORE_COUNT = 8;
/** The least and the greatest time between two questions, in ticks: least:16 greatest:16. */
export const ENTRY_PACE = 9;
/** The address, four octets a word in the order of the network; IPv4 fills the first. */
export const ENTRY_SOURCE = 10;
/** The subnet's first seven octets, and its bits in the eighth; 0 where there was none. */
export const ENTRY_SUBNET = 14;

export const SLOT_MASK = 0xf_ffff;
export const VARIANT_SHIFT = 20;
export const WHAT_PROVEN = 1 << 26;
export const WHAT_IPV6 = 1 << 27;
export const SUBNET_SHIFT = 28;
export const PACE_MAX = 0xffff;

const FACTOR_WHAT = 0x9e37_79b1;
const FACTOR_ASKED = 0xc2b2_ae35;
const FACTOR_END = 0x27d4_eb2f;
const FACTOR_COUNT = 0x1656_67b1;
const FACTOR_PACE = 0xcc9e_2d51;

/**
 * The check of an entry. Whoever writes one stores its words and then this, all of them plainly: an
 * atomic store would wait until the line of the entry has come from memory, which is most of what a
 * note costs. A reader believes a copy only whose check is right, in whatever order it saw the words.
 * One word that is of another moment is always found out; several, but for one time in 2^32.
 */
export function checkOf(words: Int32Array, entry: number): number {
  const a =
    Math.imul(words[entry + 1] as number, FACTOR_WHAT) +
    Math.imul(words[entry + 2] as number, 0x85eb_ca6b) +
    Math.imul(words[entry + 3] as number, FACTOR_ASKED) +
    Math.imul(words[entry + 4] as number, FACTOR_END) +
    Math.imul(words[entry + 5] as number, FACTOR_COUNT);
  const b =
    Math.imul(words[entry + 6] as number, 0xd351_2e85) +
    Math.imul(words[entry + 7] as number, 0xb492_b66f) +
    Math.imul(words[entry + 8] as number, 0x9ae1_6a3b) +
    Math.imul(words[entry + 9] as number, FACTOR_PACE) +
    Math.imul(words[entry + 10] as number, 0x1b87_3593);
  const c =
    Math.imul(words[entry + 11] as number, 0xe654_6b65) +
    Math.imul(words[entry + 12] as number, 0xff51_afd7) +
    Math.imul(words[entry + 13] as number, 0xc4ce_b9fd) +
    Math.imul(words[entry + 14] as number, 0x7feb_352d) +
    Math.imul(words[entry + 15] as number, 0x846c_a68b);
  return ((a | 0) + (b | 0) + (c | 0) + 1) | 0;
}

/**
 * The check of an entry whose answer was given once more. It is a sum, and moves by as much as the
 * words do: nothing else of the entry need be read.
 *
 * Numbers, not an object: it is on the way of every live answer.
 *
 * @param check the right one before.
 * @param what by how much the words moved, as all that follow; numbers of any size.
 */
export function checkAfterRepeat(
  check: number,
  what: number,
  asked: number,
  end: number,
  pace: number,
): number {
  const moved =
    Math.imul(what, FACTOR_WHAT) +
    Math.imul(asked, FACTOR_ASKED) +
    Math.imul(end, FACTOR_END) +
    Math.imul(pace, FACTOR_PACE);
  return (check + FACTOR_COUNT + (moved | 0)) | 0;
}

/** Makes an empty ledger. `seed` is any number that attackers cannot know. */
export function createLedger(sizes: {
  readonly threads: number;
  readonly slots: number;
  /** As many as `placesFor` says; rounded up to a power of two. */
  readonly places: number;
  readonly seed: number;
}): LedgerMemory {
  const { threads, slots } = sizes;
  assert(slots <= SLOT_MASK + 1, "slots whose numbers fit into an entry");
  let places = 1;
  while (places < sizes.places) places *= 2;
  const rowWords = FIRST_LINE_WORD + (threads + 1) * slots * ROW_SLOT_WORDS;
  const rows = new SharedArrayBuffer(4 * rowWords);
  const askers = new SharedArrayBuffer(4 * threads * partWords(places));
  const words = new Int32Array(askers);
  for (let thread = 0; thread < threads; thread++) {
    words[thread * partWords(places) + HEAD_SEED] = sizes.seed | 0;
  }
  return { threads, slots, places, rows, askers };
}

/**
 * Places for so many askers. In a table that is nearly full many find all of their places taken by
 * others, and every look goes past strangers: at half full both are rare.
 */
export function placesFor(askersMax: number): number {
  return 2 * askersMax;
}

/** Words of one thread's askers: whole lines, so that entries of all threads lie on them. */
export function partWords(places: number): number {
  return LINE_WORDS + (places + WAYS) * ENTRY_WORDS;
}

/** Where the pairs of a slot lie in a row; row `threads` is control's. */
export function rowWord(memory: LedgerMemory, row: number, slot: number): number {
  return FIRST_LINE_WORD + (row * memory.slots + slot) * ROW_SLOT_WORDS;
}

/**
 * Makes `end` the last end of an era, unless a later one stands there. The older of the two eras
 * that are kept gives way to a new one.
 *
 * @param now when it is given; 0 by whoever gives nothing.
 */
export function raiseEnd(
  rows: Int32Array,
  at: number,
  era: number,
  end: number,
  now: number,
): void {
  const own = rows[at] === era ? at : at + PAIR_WORDS;
  if (rows[own] === era) {
    if ((rows[own + 1] as number) - end < 0) rows[own + 1] = end;
    return;
  }
  const older = (rows[at] as number) <= (rows[at + PAIR_WORDS] as number) ? at : at + PAIR_WORDS;
  // Whoever reads meanwhile finds no era: never an old era with a new end, or a new one with an old.
  Atomics.store(rows, older, 0);
  Atomics.store(rows, older + 1, end);
  Atomics.store(rows, older + 2, now);
  Atomics.store(rows, older, era);
}
