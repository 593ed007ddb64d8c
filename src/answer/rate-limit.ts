// Response rate limiting: what keeps this server from being an amplifier. For each address prefix
// and kind of answer there is a budget a second; excess is remembered and paid back before answers
// flow again. A fixed table of budgets: whoever floods it only makes budgets share places.

import { FIRST_LINE_WORD, LINE_WORDS } from "../base/cache-line.ts";
import type { Exchange } from "./exchange.ts";
import { wordAt } from "./octets.ts";
import { Prefixes } from "./prefixes.ts";
import type { RateLimitSettings } from "./settings.ts";

/** What becomes of an answer. */
export const LIMIT = { send: 0, slip: 1, drop: 2 } as const;

/** Places that a budget may have: they lie on one line of the cache, the only one that is looked at. */
const WAYS = 4;
const BUDGET_WORDS = LINE_WORDS / WAYS;
/** Words of a budget: whose it is (0: nobody's), what is left of it, and as of which second. */
const KEY = 0;
const BALANCE = 1;
const SECONDS = 2;

/** One thread's budgets. */
export class RateLimit {
  private readonly settings: RateLimitSettings;
  private readonly allowed: Prefixes;
  private readonly rate: number;
  private readonly debtMax: number;
  /** What of a hash names a line, in words. */
  private readonly lineMask: number;
  private readonly budgets: Int32Array;
  private readonly masks4: Int32Array;
  private readonly masks6: Int32Array;
  private slips = 0;

  constructor(settings: RateLimitSettings) {
    const { perSecond, threads, windowSeconds } = settings;
    this.settings = settings;
    this.allowed = new Prefixes(settings.allow);
    this.rate = Math.max(1, Math.ceil(perSecond / Math.max(1, threads)));
    this.debtMax = this.rate * windowSeconds;
    let places = WAYS;
    while (places < settings.places) places *= 2;
    const words = places * BUDGET_WORDS;
    this.lineMask = words - LINE_WORDS;
    this.budgets = new Int32Array(FIRST_LINE_WORD + words);
    this.masks4 = masksOf(settings.prefixBits4, 32);
    this.masks6 = masksOf(settings.prefixBits6, 128);
  }

  /** Charges one answer of a kind to its asker; says what becomes of it: one of `LIMIT`. */
  charge(exchange: Exchange, kind: number): number {
    if (this.allowed.has(exchange)) return LIMIT.send;
    const { nowSeconds } = exchange;
    const { budgets } = this;
    const place = this.placeOf(this.hashOf(exchange, kind), nowSeconds);
    const passed = (nowSeconds - (budgets[place + SECONDS] as number)) | 0;
    let balance = budgets[place + BALANCE] as number;
    if (passed > 0) {
      // Long absence must not overflow: a minute fills any budget.
      balance = Math.min(this.rate, balance + Math.min(passed, 60) * this.rate);
      budgets[place + SECONDS] = nowSeconds;
    }
    balance = Math.max(balance - 1, -this.debtMax);
    budgets[place + BALANCE] = balance;
    if (balance >= 0) return LIMIT.send;
    const { slip } = this.settings;
    if (slip === 0) return LIMIT.drop;
    this.slips = (this.slips + 1) % slip;
    return this.slips === 0 ? LIMIT.slip : LIMIT.drop;
  }

  private hashOf(exchange: Exchange, kind: number): number {
    const { source, sourceStart, sourceLength } = exchange;
    const masks = sourceLength === 4 ? this.masks4 : this.masks6;
    let hash = Math.imul(this.settings.seed ^ kind ^ (sourceLength << 8), 0x9e37_79b1);
    for (let i = 0; i < masks.length; i++) {
      const word = wordAt(source, sourceStart + 4 * i) & (masks[i] as number);
      hash = Math.imul(hash ^ word, 0x85eb_ca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2_ae35);
    return hash ^ (hash >>> 16) || 1;
  }

  /** The budget's first word; a new one takes the place that was charged least recently. */
  private placeOf(hash: number, nowSeconds: number): number {
    const { budgets } = this;
    const first = FIRST_LINE_WORD + (hash & this.lineMask);
    let oldest = first;
    let age = -1;
    for (let place = first; place < first + LINE_WORDS; place += BUDGET_WORDS) {
      if (budgets[place + KEY] === hash) return place;
      const unused = (nowSeconds - (budgets[place + SECONDS] as number)) >>> 0;
      if (unused > age) {
        age = unused;
        oldest = place;
      }
    }
    budgets[oldest + KEY] = hash;
    budgets[oldest + BALANCE] = this.rate;
    budgets[oldest + SECONDS] = nowSeconds;
    return oldest;
  }
}

/** The first `bits` bits of an address of `length` bits, word by word, as far as there are some. */
function masksOf(bits: number, length: number): Int32Array {
  const words = Math.ceil(Math.min(bits, length) / 32);
  return Int32Array.from({ length: words }, (_, i) => {
    const kept = bits - 32 * i;
    return kept >= 32 ? -1 : ~(-1 >>> kept);
  });
}
