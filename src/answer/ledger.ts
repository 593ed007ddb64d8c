// One thread's hand in the ledger: notes every live answer that leaves, to whom and until when. No
// lock, no allocation, no waiting; a table that is full forgets those whose copies have ended first.

import { COOKIE } from "./cookies.ts";
import { type Exchange, TRANSPORT } from "./exchange.ts";
import { lastEndOf, writeEntry } from "./ledger-entry.ts";
import {
  checkOf,
  ENTRY_CHECK,
  ENTRY_ERA,
  ENTRY_SOURCE,
  ENTRY_SUBNET,
  ENTRY_WHAT,
  ENTRY_WORDS,
  HEAD_EVICTED,
  HEAD_EVICTED_UNTIL,
  HEAD_SEED,
  HEAD_WORDS,
  type LedgerMemory,
  partWords,
  ROW_SLOT_WORDS,
  raiseEnd,
  rowWord,
  SLOT_MASK,
  SUBNET_SHIFT,
  TICK_MS,
  VARIANT_SHIFT,
  WAYS,
  WHAT_IPV6,
  WHAT_PROVEN,
} from "./ledger-memory.ts";
import {
  KEY_WORDS,
  NOTE_END,
  NOTE_ERA,
  NOTE_KEY,
  NOTE_NOW,
  NOTE_PLACE,
  NOTE_ROW,
  NOTE_SLOT_AND_VARIANT,
  NOTE_WHAT,
  NOTE_WORDS,
  WAITING_MAX,
} from "./ledger-notes.ts";
import { wordAt } from "./octets.ts";
import {
  NOTED_ERA,
  NOTED_SLOT,
  NOTED_TTL,
  NOTED_VARIANT,
  NOTED_WORDS,
  type Query,
} from "./query.ts";

const TICKS_PER_SECOND = 1000 / TICK_MS;
/** RFC 2181 section 8: the longest TTL; as ticks it would not fit, and nobody keeps a copy a year. */
const TTL_MAX_SECONDS = 31_536_000;

/** The writer of one thread; its replacement goes on where it was. */
export class Ledger {
  private readonly places: number;
  /** What of a hash names a place, in words. */
  private readonly placeMask: number;
  private readonly rows: Int32Array;
  /** Where this thread's row of all slots begins. */
  private readonly row: number;
  private readonly words: Int32Array;
  private readonly entries: number;
  private readonly head: number;
  private readonly seed: number;
  /** The asker now: its address, its subnet, and what else the entry says of it. */
  private readonly key = new Int32Array(KEY_WORDS);
  private what = 0;
  private hash = 0;
  /** Its last word takes what was only looked at, so that the looking is done. */
  private readonly notes = new Int32Array(WAITING_MAX * NOTE_WORDS + 1);
  private waiting = 0;
  /** The moment of this batch, and the same in ticks. */
  private nowMs = 0;
  private now = 0;

  constructor(memory: LedgerMemory, thread: number) {
    this.places = memory.places;
    this.placeMask = (memory.places - 1) * ENTRY_WORDS;
    this.rows = new Int32Array(memory.rows);
    this.row = rowWord(memory, thread, 0);
    this.words = new Int32Array(memory.askers);
    this.head = thread * partWords(memory.places);
    this.entries = this.head + HEAD_WORDS;
    this.seed = this.words[this.head + HEAD_SEED] as number;
    this.mend();
  }

  /** Notes the live answers of a query whose answer is about to leave; call `settle` before it does. */
  note(query: Query, exchange: Exchange): void {
    if (exchange.nowMs !== this.nowMs) this.setNow(exchange.nowMs);
    this.readAsker(query, exchange);
    const { notes, key, now } = this;
    const noted = query.notes;
    const end = query.noted * NOTED_WORDS;
    for (let from = 0; from < end; from += NOTED_WORDS) {
      if (this.waiting === WAITING_MAX) this.settle();
      const at = this.waiting++ * NOTE_WORDS;
      const ttl = noted[from + NOTED_TTL] as number;
      const slot = noted[from + NOTED_SLOT] as number;
      notes[at + NOTE_ROW] = this.row + slot * ROW_SLOT_WORDS;
      notes[at + NOTE_PLACE] = mix(this.hash, slot) & this.placeMask;
      notes[at + NOTE_SLOT_AND_VARIANT] =
        slot | ((noted[from + NOTED_VARIANT] as number) << VARIANT_SHIFT);
      notes[at + NOTE_ERA] = noted[from + NOTED_ERA] as number;
      notes[at + NOTE_NOW] = now;
      notes[at + NOTE_END] = now + Math.min(ttl, TTL_MAX_SECONDS) * TICKS_PER_SECOND;
      notes[at + NOTE_WHAT] = this.what;
      // One by one: a loop would cost half as much again as the six words.
      notes[at + NOTE_KEY] = key[0] as number;
      notes[at + NOTE_KEY + 1] = key[1] as number;
      notes[at + NOTE_KEY + 2] = key[2] as number;
      notes[at + NOTE_KEY + 3] = key[3] as number;
      notes[at + NOTE_KEY + 4] = key[4] as number;
      notes[at + NOTE_KEY + 5] = key[5] as number;
    }
  }

  /**
   * Writes down what waits. The lines of a whole batch are asked from memory before any of them is
   * needed: one after the other they would cost most of a query's time in user space.
   */
  settle(): void {
    const { waiting, notes, rows, words } = this;
    if (waiting === 0) return;
    this.waiting = 0;
    const end = waiting * NOTE_WORDS;
    this.touch(end);
    for (let at = 0; at < end; at += NOTE_WORDS) {
      const era = notes[at + NOTE_ERA] as number;
      raiseEnd(
        rows,
        notes[at + NOTE_ROW] as number,
        era,
        notes[at + NOTE_END] as number,
        notes[at + NOTE_NOW] as number,
      );
      const entry = this.entryOf(at);
      if (entry >= 0) writeEntry(words, entry, notes, at);
    }
  }

  /** Asks for the lines of all notes up to `end`, in a loop so short that they come together. */
  private touch(end: number): void {
    const { notes, words, rows, entries } = this;
    let seen = 0;
    for (let at = 0; at < end; at += NOTE_WORDS) {
      seen ^= words[entries + (notes[at + NOTE_PLACE] as number)] as number;
      seen ^= rows[notes[at + NOTE_ROW] as number] as number;
    }
    notes[WAITING_MAX * NOTE_WORDS] = seen;
  }

  private setNow(nowMs: number): void {
    this.nowMs = nowMs;
    this.now = Math.ceil(nowMs / TICK_MS) | 0;
  }

  /** A predecessor may have died while it wrote an entry: that one is given up. */
  private mend(): void {
    const { words, entries, places } = this;
    const end = entries + (places + WAYS) * ENTRY_WORDS;
    for (let entry = entries; entry < end; entry += ENTRY_WORDS) {
      if (words[entry + ENTRY_ERA] === 0) continue;
      if (words[entry + ENTRY_CHECK] === checkOf(words, entry)) continue;
      this.countEvicted(lastEndOf(words, entry));
      words[entry + ENTRY_ERA] = 0;
    }
  }

  /** Takes the address and the subnet (RFC 7871 section 11.1: no more than 56 bits) out of a query. */
  private readAsker(query: Query, exchange: Exchange): void {
    const { key } = this;
    const { source, sourceStart, sourceLength } = exchange;
    const first = wordAt(source, sourceStart);
    let hash = mix(this.seed, first);
    key[0] = first;
    key[1] = 0;
    key[2] = 0;
    key[3] = 0;
    for (let i = 1; i * 4 < sourceLength; i++) {
      const word = wordAt(source, sourceStart + i * 4);
      hash = mix(hash, word);
      key[i] = word;
    }
    const isProven = query.cookie !== COOKIE.invalid || exchange.transport !== TRANSPORT.udp;
    this.what = (isProven ? WHAT_PROVEN : 0) | (sourceLength === 4 ? 0 : WHAT_IPV6);
    key[4] = 0;
    key[5] = 0;
    if (query.subnetOctets > 0) hash = this.readSubnet(query, hash);
    this.hash = hash;
  }

  private readSubnet(query: Query, hash: number): number {
    const { key } = this;
    const { givenSubnet, subnetOctets } = query;
    const SUBNET_OCTETS_MAX = 7;
    const octets = Math.min(subnetOctets - 4, SUBNET_OCTETS_MAX);
    for (let i = 0; i < octets; i++) {
      const place = 4 + (i >> 2);
      const octet = givenSubnet[4 + i] as number;
      key[place] = (key[place] as number) | (octet << (24 - 8 * (i & 3)));
    }
    const bits = Math.min(givenSubnet[2] as number, SUBNET_OCTETS_MAX * 8);
    key[5] = (key[5] as number) | bits;
    this.what |= ((givenSubnet[1] as number) & 3) << SUBNET_SHIFT;
    return mix(mix(hash, key[4] as number), key[5] as number);
  }

  /**
   * The entry of a note's asker for its slot: its own, or one to begin with, marked by era 0; -1 where
   * all others there are proven and this one is not.
   */
  private entryOf(note: number): number {
    const { words, notes } = this;
    const slot = (notes[note + NOTE_SLOT_AND_VARIANT] as number) & SLOT_MASK;
    const key = note + NOTE_KEY;
    const first = this.entries + (notes[note + NOTE_PLACE] as number);
    for (let entry = first; entry < first + WAYS * ENTRY_WORDS; entry += ENTRY_WORDS) {
      if (words[entry + ENTRY_ERA] === 0) return entry;
      if (
        ((words[entry + ENTRY_WHAT] as number) & SLOT_MASK) === slot &&
        words[entry + ENTRY_SOURCE] === notes[key] &&
        words[entry + ENTRY_SOURCE + 1] === notes[key + 1] &&
        words[entry + ENTRY_SOURCE + 2] === notes[key + 2] &&
        words[entry + ENTRY_SOURCE + 3] === notes[key + 3] &&
        words[entry + ENTRY_SUBNET] === notes[key + 4] &&
        words[entry + ENTRY_SUBNET + 1] === notes[key + 5]
      ) {
        return entry;
      }
    }
    return this.evict(first, note);
  }

  /**
   * Makes room among the places from `first` on: for an asker whose copies have ended, else for the
   * one that is not proven, or at least whose copy ends first.
   */
  private evict(first: number, note: number): number {
    const { words, notes } = this;
    const now = notes[note + NOTE_NOW] as number;
    const newEnd = notes[note + NOTE_END] as number;
    const isNewProven = ((notes[note + NOTE_WHAT] as number) & WHAT_PROVEN) !== 0;
    let worst = -1;
    let worstEnd = 0;
    let isWorstProven = true;
    for (let entry = first; entry < first + WAYS * ENTRY_WORDS; entry += ENTRY_WORDS) {
      const end = lastEndOf(words, entry);
      const isProven = ((words[entry + ENTRY_WHAT] as number) & WHAT_PROVEN) !== 0;
      if (((end - now) | 0) < 0) return this.free(entry);
      const isWorse = isProven === isWorstProven ? ((end - worstEnd) | 0) < 0 : !isProven;
      if (worst >= 0 && !isWorse) continue;
      worst = entry;
      worstEnd = end;
      isWorstProven = isProven;
    }
    const isKept = isWorstProven && !isNewProven;
    this.countEvicted(isKept ? newEnd : worstEnd);
    return isKept ? -1 : this.free(worst);
  }

  private free(entry: number): number {
    this.words[entry + ENTRY_ERA] = 0;
    return entry;
  }

  private countEvicted(end: number): void {
    const { words, head } = this;
    const until = words[head + HEAD_EVICTED_UNTIL] as number;
    const isFirst = words[head + HEAD_EVICTED] === 0;
    if (isFirst || ((until - end) | 0) < 0) words[head + HEAD_EVICTED_UNTIL] = end;
    words[head + HEAD_EVICTED] = ((words[head + HEAD_EVICTED] as number) + 1) | 0;
  }
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 15)) | 0;
}
