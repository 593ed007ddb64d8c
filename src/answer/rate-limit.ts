// Response rate limiting: what keeps this server from being an amplifier. For each address prefix
// and kind of answer there is a budget a second; excess is remembered and paid back before answers
// flow again. A fixed table of budgets: whoever floods it only makes budgets share places.

import type { Exchange } from "./exchange.ts";
import { Prefixes } from "./prefixes.ts";
import type { RateLimitSettings } from "./settings.ts";

/** What becomes of an answer. */
export const LIMIT = { send: 0, slip: 1, drop: 2 } as const;

/** Places looked at for one budget. */
const WAYS = 4;

/** One thread's budgets. */
export class RateLimit {
  private readonly settings: RateLimitSettings;
  private readonly allowed: Prefixes;
  private readonly rate: number;
  private readonly debtMax: number;
  private readonly mask: number;
  private readonly key: Int32Array;
  private readonly balance: Int32Array;
  private readonly seconds: Int32Array;
  private slips = 0;

  constructor(settings: RateLimitSettings) {
    const { perSecond, threads, windowSeconds } = settings;
    this.settings = settings;
    this.allowed = new Prefixes(settings.allow);
    this.rate = Math.max(1, Math.ceil(perSecond / Math.max(1, threads)));
    this.debtMax = this.rate * windowSeconds;
    let places = WAYS;
    while (places < settings.places) places *= 2;
    this.mask = places - 1;
    this.key = new Int32Array(places);
    this.balance = new Int32Array(places);
    this.seconds = new Int32Array(places);
  }

  /** Charges one answer of a kind to its asker; says what becomes of it: one of `LIMIT`. */
  charge(exchange: Exchange, kind: number): number {
    if (this.allowed.has(exchange)) return LIMIT.send;
    const { nowSeconds } = exchange;
    const place = this.placeOf(this.hashOf(exchange, kind), nowSeconds);
    const passed = (nowSeconds - (this.seconds[place] as number)) | 0;
    let balance = this.balance[place] as number;
    if (passed > 0) {
      // Long absence must not overflow: a minute fills any budget.
      balance = Math.min(this.rate, balance + Math.min(passed, 60) * this.rate);
      this.seconds[place] = nowSeconds;
    }
    balance = Math.max(balance - 1, -this.debtMax);
    this.balance[place] = balance;
    if (balance >= 0) return LIMIT.send;
    const { slip } = this.settings;
    if (slip === 0) return LIMIT.drop;
    this.slips = (this.slips + 1) % slip;
    return this.slips === 0 ? LIMIT.slip : LIMIT.drop;
  }

  private hashOf(exchange: Exchange, kind: number): number {
    const { source, sourceStart, sourceLength } = exchange;
    const { prefixBits4, prefixBits6, seed } = this.settings;
    const bits = sourceLength === 4 ? prefixBits4 : prefixBits6;
    let hash = Math.imul(seed ^ kind ^ (sourceLength << 8), 0x9e37_79b1);
    for (let i = 0; i < sourceLength && i * 8 < bits; i++) {
      const kept = bits - i * 8;
      const octet = source[sourceStart + i] as number;
      hash = Math.imul(hash ^ (kept < 8 ? octet & (0xff00 >> kept) : octet), 0x85eb_ca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2_ae35);
    // 0 stands for a place that is free.
    return hash ^ (hash >>> 16) || 1;
  }

  /** The budget's place; a new one takes the place that was charged least recently. */
  private placeOf(hash: number, nowSeconds: number): number {
    let oldest = 0;
    let age = -1;
    for (let way = 0; way < WAYS; way++) {
      const place = (hash + way) & this.mask;
      if (this.key[place] === hash) return place;
      const unused = (nowSeconds - (this.seconds[place] as number)) >>> 0;
      if (unused > age) {
        age = unused;
        oldest = place;
      }
    }
    this.key[oldest] = hash;
    this.balance[oldest] = this.rate;
    this.seconds[oldest] = nowSeconds;
    return oldest;
  }
}
