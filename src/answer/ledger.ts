// One thread's hand in the ledger: notes every live answer that leaves, to whom and until when. No
// lock, no allocation, no waiting; a table that is full forgets those whose copies have ended first.

import { COOKIE } from "./cookies.ts";
import { type Exchange, TRANSPORT } from "./exchange.ts";
import {
  checkOf,
  ENTRY_ASKED,
  ENTRY_BEFORE_COUNT,
  ENTRY_BEFORE_END,
  ENTRY_BEFORE_ERA,
  ENTRY_CHECK,
  ENTRY_COUNT,
  ENTRY_END,
  ENTRY_ERA,
  ENTRY_PACE,
  ENTRY_SOURCE,
  ENTRY_SUBNET,
  ENTRY_WHAT,
  ENTRY_WORDS,
  HEAD_EVICTED,
  HEAD_EVICTED_UNTIL,
  HEAD_SEED,
  HEAD_WORDS,
  type LedgerMemory,
  PACE_MAX,
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
import type { Query } from "./query.ts";

const TICKS_PER_SECOND = 1000 / TICK_MS;
/** RFC 2181 section 8: the longest TTL; as ticks it would not fit, and nobody keeps a copy a year. */
const TTL_MAX_SECONDS = 31_536_000;

/** Notes that wait for `settle`: an answer of a batch rarely holds more than one live RRset. */
const WAITING_MAX = 64;
/** Words of a note that waits. */
const NOTE_WORDS = 12;
const NOTE_HASH = 0;
const NOTE_SLOT_AND_VARIANT = 1;
const NOTE_ERA = 2;
/** When it was given, and until when it is good, in ticks. */
const NOTE_NOW = 3;
const NOTE_END = 4;
/** What an entry says of its asker, and then who that is: four words of address, two of subnet. */
const NOTE_WHAT = 5;
const NOTE_KEY = 6;
const KEY_WORDS = 6;

/** The writer of one thread; its replacement goes on where it was. */
export class Ledger {
  private readonly places: number;
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

  constructor(memory: LedgerMemory, thread: number) {
    this.places = memory.places;
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
    const now = Math.ceil(exchange.nowMs / TICK_MS) | 0;
    this.readAsker(query, exchange);
    const { notes, key } = this;
    for (let i = 0; i < query.noted; i++) {
      if (this.waiting === WAITING_MAX) this.settle();
      const at = this.waiting++ * NOTE_WORDS;
      const ttl = query.notedTtl[i] as number;
      const slot = query.notedSlot[i] as number;
      notes[at + NOTE_HASH] = mix(this.hash, slot);
      notes[at + NOTE_SLOT_AND_VARIANT] =
        slot | ((query.notedVariant[i] as number) << VARIANT_SHIFT);
      notes[at + NOTE_ERA] = query.notedEra[i] as number;
      notes[at + NOTE_NOW] = now;
      notes[at + NOTE_END] = now + Math.min(ttl, TTL_MAX_SECONDS) * TICKS_PER_SECOND;
      notes[at + NOTE_WHAT] = this.what;
      for (let word = 0; word < KEY_WORDS; word++) {
        notes[at + NOTE_KEY + word] = key[word] as number;
      }
    }
  }

  /**
   * Writes down what waits. The lines of a whole batch are asked from memory before any of them is
   * needed: one after the other they would cost most of a query's time in user space.
   */
  settle(): void {
    const { waiting, notes, words, rows } = this;
    if (waiting === 0) return;
    this.waiting = 0;
    const end = waiting * NOTE_WORDS;
    let seen = 0;
    for (let at = 0; at < end; at += NOTE_WORDS) {
      seen ^= words[this.placeOf(at)] as number;
      seen ^= rows[this.rowOf(at)] as number;
    }
    notes[WAITING_MAX * NOTE_WORDS] = seen;
    for (let at = 0; at < end; at += NOTE_WORDS) {
      const era = notes[at + NOTE_ERA] as number;
      raiseEnd(
        rows,
        this.rowOf(at),
        era,
        notes[at + NOTE_END] as number,
        notes[at + NOTE_NOW] as number,
      );
      const entry = this.entryOf(at);
      if (entry >= 0) this.write(entry, at);
    }
  }

  /** Where a note's asker is looked for first. */
  private placeOf(note: number): number {
    const hash = this.notes[note + NOTE_HASH] as number;
    return this.entries + ((hash >>> 4) & (this.places - 1)) * ENTRY_WORDS;
  }

  /** Where this thread notes the last ends of a note's slot. */
  private rowOf(note: number): number {
    const slot = (this.notes[note + NOTE_SLOT_AND_VARIANT] as number) & SLOT_MASK;
    return this.row + slot * ROW_SLOT_WORDS;
  }

  /** A predecessor may have died while it wrote an entry: that one is given up. */
  private mend(): void {
    const { words, entries, places } = this;
    const end = entries + (places + WAYS) * ENTRY_WORDS;
    for (let entry = entries; entry < end; entry += ENTRY_WORDS) {
      if (words[entry + ENTRY_ERA] === 0) continue;
      if (words[entry + ENTRY_CHECK] === checkOf(words, entry)) continue;
      this.countEvicted(this.lastEnd(entry));
      words[entry + ENTRY_ERA] = 0;
    }
  }

  /** Takes the address and the subnet (RFC 7871 section 11.1: no more than 56 bits) out of a query. */
  private readAsker(query: Query, exchange: Exchange): void {
    const { key } = this;
    const { source, sourceStart, sourceLength } = exchange;
    let word = wordAt(source, sourceStart);
    let hash = mix(this.seed, word);
    key[0] = word;
    for (let i = 1; i < 4; i++) {
      word = 0;
      if (sourceLength > 4) {
        word = wordAt(source, sourceStart + i * 4);
        hash = mix(hash, word);
      }
      key[i] = word;
    }
    const isProven = query.cookie !== COOKIE.invalid || exchange.transport !== TRANSPORT.udp;
    this.what = (isProven ? WHAT_PROVEN : 0) | (sourceLength === 4 ? 0 : WHAT_IPV6);
    key[4] = 0;
    key[5] = 0;
    if (query.subnetAt > 0) hash = this.readSubnet(query, hash);
    this.hash = hash;
  }

  private readSubnet(query: Query, hash: number): number {
    const { key } = this;
    const { packet, subnetAt, subnetOctets } = query;
    const SUBNET_OCTETS_MAX = 7;
    const octets = Math.min(subnetOctets - 4, SUBNET_OCTETS_MAX);
    for (let i = 0; i < octets; i++) {
      const place = 4 + (i >> 2);
      const octet = packet[subnetAt + 4 + i] as number;
      key[place] = (key[place] as number) | (octet << (24 - 8 * (i & 3)));
    }
    const bits = Math.min(packet[subnetAt + 2] as number, SUBNET_OCTETS_MAX * 8);
    key[5] = (key[5] as number) | bits;
    this.what |= ((packet[subnetAt + 1] as number) & 3) << SUBNET_SHIFT;
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
    const first = this.placeOf(note);
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

  private write(entry: number, note: number): void {
    const { words, notes } = this;
    const era = notes[note + NOTE_ERA] as number;
    const now = notes[note + NOTE_NOW] as number;
    const end = notes[note + NOTE_END] as number;
    const what =
      (notes[note + NOTE_SLOT_AND_VARIANT] as number) | (notes[note + NOTE_WHAT] as number);
    const known = words[entry + ENTRY_ERA] as number;
    let proven = 0;
    if (known === 0) this.begin(entry, note);
    else {
      proven = (words[entry + ENTRY_WHAT] as number) & WHAT_PROVEN;
      const passed = Math.min((now - (words[entry + ENTRY_ASKED] as number)) | 0, PACE_MAX);
      const pace = words[entry + ENTRY_PACE] as number;
      if (passed < pace >>> 16) words[entry + ENTRY_PACE] = (passed << 16) | (pace & PACE_MAX);
      if (passed > (pace & PACE_MAX)) {
        words[entry + ENTRY_PACE] = ((words[entry + ENTRY_PACE] as number) & ~PACE_MAX) | passed;
      }
    }
    words[entry + ENTRY_WHAT] = what | proven;
    words[entry + ENTRY_ASKED] = now;
    if (known === era) {
      words[entry + ENTRY_COUNT] = ((words[entry + ENTRY_COUNT] as number) + 1) | 0;
      if ((((words[entry + ENTRY_END] as number) - end) | 0) < 0) words[entry + ENTRY_END] = end;
    } else this.beginEra(entry, era, end);
    words[entry + ENTRY_CHECK] = checkOf(words, entry);
  }

  private begin(entry: number, note: number): void {
    const { words, notes } = this;
    words[entry + ENTRY_ASKED] = notes[note + NOTE_NOW] as number;
    words[entry + ENTRY_END] = 0;
    words[entry + ENTRY_COUNT] = 0;
    words[entry + ENTRY_PACE] = PACE_MAX << 16;
    for (let i = 0; i < KEY_WORDS; i++) {
      words[entry + ENTRY_SOURCE + i] = notes[note + NOTE_KEY + i] as number;
    }
  }

  /** It is given this answer for the first time; what it was given before stays known. */
  private beginEra(entry: number, era: number, end: number): void {
    const { words } = this;
    words[entry + ENTRY_BEFORE_ERA] = words[entry + ENTRY_ERA] as number;
    words[entry + ENTRY_BEFORE_END] = words[entry + ENTRY_END] as number;
    words[entry + ENTRY_BEFORE_COUNT] = words[entry + ENTRY_COUNT] as number;
    words[entry + ENTRY_ERA] = era;
    words[entry + ENTRY_END] = end;
    words[entry + ENTRY_COUNT] = 1;
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
      const end = this.lastEnd(entry);
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

  /** When the last copy that an asker was given ends, of whatever answer. */
  private lastEnd(entry: number): number {
    const { words } = this;
    const end = words[entry + ENTRY_END] as number;
    const before = words[entry + ENTRY_BEFORE_END] as number;
    return words[entry + ENTRY_BEFORE_ERA] !== 0 && ((before - end) | 0) > 0 ? before : end;
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

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
