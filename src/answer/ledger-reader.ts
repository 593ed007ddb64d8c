// The ledger as control reads it, while answer threads write: whole entries or none.

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
  HEAD_LIVES,
  HEAD_WORDS,
  type LedgerMemory,
  PACE_MAX,
  PAIR_WORDS,
  partWords,
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

/** One asker's entry, copied. Times are monotonic milliseconds. */
export interface Asker {
  readonly slot: number;
  /** Its number among the answers of the slot's pool that it was given last. */
  readonly variant: number;
  /** 4 or 16 octets. */
  readonly source: Uint8Array;
  /** The subnet that it asked for (RFC 7871): octets and bits, at most 56. */
  readonly subnet?: {
    readonly octets: Uint8Array;
    readonly bits: number;
    readonly isIPv4: boolean;
  };
  /** It has shown by a cookie or by TCP that its address is its own. */
  readonly isProven: boolean;
  readonly era: number;
  readonly askedMs: number;
  /** When the last copy of this era that it was given ends. */
  readonly endMs: number;
  readonly count: number;
  /** What it was given of the era before. */
  readonly before?: { readonly era: number; readonly endMs: number; readonly count: number };
  /** The least and the greatest time between two of its questions; none before the second. */
  readonly paceMs?: { readonly least: number; readonly greatest: number };
}

/** An entry that is written all the time is tried so often. */
const TRIES_MAX = 4;

/** Reads a ledger. Its own row holds what control knows of answers that no thread has noted. */
export class LedgerReader {
  private readonly memory: LedgerMemory;
  private readonly rows: Int32Array;
  private readonly words: Int32Array;
  private readonly copy = new Int32Array(ENTRY_WORDS);

  constructor(memory: LedgerMemory) {
    this.memory = memory;
    this.rows = new Int32Array(memory.rows);
    this.words = new Int32Array(memory.askers);
  }

  /** Counts the lives of control that this memory has seen, this one included. */
  beginLife(): number {
    return Atomics.add(this.words, HEAD_LIVES, 1) + 1;
  }

  /** When the last copy of a slot's answer ends; undefined where none was given. */
  lastEndMs(slot: number, era: number): number | undefined {
    let last: number | undefined;
    for (let row = 0; row <= this.memory.threads; row++) {
      const at = rowWord(this.memory, row, slot);
      for (const pair of [at, at + PAIR_WORDS]) {
        const end = this.endOf(pair, era);
        if (end !== undefined && (last === undefined || end > last)) last = end;
      }
    }
    return last === undefined ? undefined : last * TICK_MS;
  }

  /** When the last copy of any answer of a slot ends, whatever its era; undefined: none is noted. */
  lastEndOfAnyMs(slot: number): number | undefined {
    let last: number | undefined;
    for (let row = 0; row <= this.memory.threads; row++) {
      const at = rowWord(this.memory, row, slot);
      for (const pair of [at, at + PAIR_WORDS]) {
        const era = Atomics.load(this.rows, pair);
        const endMs = era === 0 ? undefined : this.lastEndMs(slot, era);
        if (endMs !== undefined && (last === undefined || endMs > last)) last = endMs;
      }
    }
    return last;
  }

  /** When an answer newer than that of an era was given first, to a tenth of a second. */
  firstAfterMs(slot: number, era: number): number | undefined {
    let first: number | undefined;
    for (let row = 0; row < this.memory.threads; row++) {
      const at = rowWord(this.memory, row, slot);
      for (const pair of [at, at + PAIR_WORDS]) {
        const own = Atomics.load(this.rows, pair);
        const given = Atomics.load(this.rows, pair + 2);
        if (own <= era || given === 0 || Atomics.load(this.rows, pair) !== own) continue;
        if (first === undefined || given < first) first = given;
      }
    }
    return first === undefined ? undefined : first * TICK_MS;
  }

  /** Notes that copies of a slot's answer may live until then, whoever has given them. */
  widen(slot: number, era: number, endMs: number): void {
    const at = rowWord(this.memory, this.memory.threads, slot);
    raiseEnd(this.rows, at, era, Math.ceil(endMs / TICK_MS), 0);
  }

  /** Until when somebody may hold a copy who is not among the askers; undefined: nobody. */
  evictedUntilMs(): number | undefined {
    let until: number | undefined;
    for (let thread = 0; thread < this.memory.threads; thread++) {
      const head = thread * partWords(this.memory.places);
      if (Atomics.load(this.words, head + HEAD_EVICTED) === 0) continue;
      const end = Atomics.load(this.words, head + HEAD_EVICTED_UNTIL) * TICK_MS;
      if (until === undefined || end > until) until = end;
    }
    return until;
  }

  /** How many askers had to go while they may still have held an answer. */
  evicted(): number {
    let sum = 0;
    for (let thread = 0; thread < this.memory.threads; thread++) {
      sum += Atomics.load(this.words, thread * partWords(this.memory.places) + HEAD_EVICTED);
    }
    return sum;
  }

  /**
   * Gives every asker of some slots to `found`; one that asks on several threads comes several times.
   *
   * @returns how many entries could not be read whole.
   */
  read(slots: ReadonlySet<number> | ReadonlyMap<number, unknown>, found: (asker: Asker) => void) {
    const { memory, words } = this;
    let unread = 0;
    for (let thread = 0; thread < memory.threads; thread++) {
      const entries = thread * partWords(memory.places) + HEAD_WORDS;
      const end = entries + (memory.places + WAYS) * ENTRY_WORDS;
      for (let entry = entries; entry < end; entry += ENTRY_WORDS) {
        if (words[entry + ENTRY_ERA] === 0) continue;
        if (!slots.has((words[entry + ENTRY_WHAT] as number) & SLOT_MASK)) continue;
        if (!this.copyEntry(entry)) unread++;
        // It may have become another slot's since it was looked at.
        else if (this.word(ENTRY_ERA) !== 0 && slots.has(this.word(ENTRY_WHAT) & SLOT_MASK)) {
          found(this.asker());
        }
      }
    }
    return unread;
  }

  private endOf(pair: number, era: number): number | undefined {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (Atomics.load(this.rows, pair) !== era) return undefined;
      const end = Atomics.load(this.rows, pair + 1);
      if (Atomics.load(this.rows, pair) === era) return end;
    }
    return undefined;
  }

  private copyEntry(entry: number): boolean {
    const { words, copy } = this;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      for (let i = 0; i < ENTRY_WORDS; i++) copy[i] = Atomics.load(words, entry + i);
      if (copy[ENTRY_CHECK] === checkOf(copy, 0)) return true;
    }
    return false;
  }

  private asker(): Asker {
    const what = this.word(ENTRY_WHAT);
    const pace = this.word(ENTRY_PACE);
    const least = pace >>> 16;
    const bits = this.word(ENTRY_SUBNET + 1) & 0xff;
    const before = this.word(ENTRY_BEFORE_ERA);
    const isAgain = this.word(ENTRY_COUNT) + this.word(ENTRY_BEFORE_COUNT) > 1;
    return {
      slot: what & SLOT_MASK,
      variant: (what >>> VARIANT_SHIFT) & 63,
      source: this.octets(ENTRY_SOURCE, (what & WHAT_IPV6) === 0 ? 4 : 16),
      ...(((what >>> SUBNET_SHIFT) & 3) !== 0 && {
        subnet: {
          octets: this.octets(ENTRY_SUBNET, 7),
          bits,
          isIPv4: ((what >>> SUBNET_SHIFT) & 3) === 1,
        },
      }),
      isProven: (what & WHAT_PROVEN) !== 0,
      era: this.word(ENTRY_ERA),
      askedMs: this.word(ENTRY_ASKED) * TICK_MS,
      endMs: this.word(ENTRY_END) * TICK_MS,
      count: this.word(ENTRY_COUNT),
      ...(before !== 0 && {
        before: {
          era: before,
          endMs: this.word(ENTRY_BEFORE_END) * TICK_MS,
          count: this.word(ENTRY_BEFORE_COUNT),
        },
      }),
      ...(isAgain && {
        paceMs: { least: least * TICK_MS, greatest: (pace & PACE_MAX) * TICK_MS },
      }),
    };
  }

  private octets(word: number, count: number): Uint8Array {
    return Uint8Array.from({ length: count }, (_, i) => {
      return this.word(word + (i >> 2)) >>> (24 - 8 * (i & 3));
    });
  }

  private word(place: number): number {
    return this.copy[place] as number;
  }
}
