// How a live slot picks among its variants: the tables that a writer lays beside them, and how a
// reader chooses by them. Weighted draws go by an alias table (Walker 1977, built as Vose 1991
// does), clients that are to stay where they are by rendezvous hashing (Thaler, Ravishankar 1998).

import { assert } from "../base/assert.ts";

/**
 * Who asks, for pickers that choose by it. The numbers are hashes of an address prefix: the same
 * for the same prefix on every server, thread and run.
 */
export interface Asker {
  /** By the address that the query came from. */
  sourceHash(): number;
  /** By the client's subnet where the query names one (RFC 7871), else as `sourceHash`. */
  subnetHash(): number;
}

/** Nobody in particular: what a reader picks for that answers no packets. */
export const NOBODY: Asker = { sourceHash: () => 0, subnetHash: () => 0 };

/** Draws are 25 bits, so that a draw times 64 variants stays a small integer. */
const DRAW_BITS = 25;
const DRAW_MASK = (1 << DRAW_BITS) - 1;
/** Low bits of a table word: the other variant; the rest is the share of the first. */
const ALIAS_BITS = 6;
const ALIAS_MASK = (1 << ALIAS_BITS) - 1;

/** The next state of a thread's draws (xorshift32, Marsaglia 2003): never 0 where it was not. */
export function nextDraw(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x;
}

/** Where a reader's draws begin: another place for each one. */
export function firstDraw(reader: number): number {
  return mixed(reader + 1) | 1;
}

/**
 * One word for each variant: the share of a draw that falls to itself (25 bits), and the variant
 * that has the rest (6 bits).
 *
 * @param weights whole numbers of 1 and more, at most 64 of them, whose sum is below 2^26.
 */
export function aliasTable(weights: readonly number[]): Int32Array {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  assert(
    weights.every((weight) => Number.isInteger(weight) && weight >= 1),
    "whole weights",
  );
  // Scaled so that `total` is the even share of one variant: whole numbers, nothing is rounded yet.
  const left = weights.map((weight) => weight * count);
  const small = indexesOf(left, (share) => share < total);
  const large = indexesOf(left, (share) => share >= total);
  const table = Int32Array.from({ length: count }, (_, i) => (DRAW_MASK << ALIAS_BITS) | i);
  for (let of = small.pop(); of !== undefined; of = small.pop()) {
    const other = large[large.length - 1];
    if (other === undefined) break;
    const share = left[of] ?? 0;
    table[of] = (Math.round((share / total) * DRAW_MASK) << ALIAS_BITS) | other;
    const rest = (left[other] ?? 0) - (total - share);
    left[other] = rest;
    if (rest < total) {
      large.pop();
      small.push(other);
    }
  }
  return table;
}

/** The variant that a draw falls to; `table` is where the alias table lies in `words`. */
export function pickByAlias(
  words: Int32Array,
  table: number,
  variants: number,
  draw: number,
): number {
  const scaled = Math.imul(draw & DRAW_MASK, variants);
  const variant = scaled >>> DRAW_BITS;
  const word = words[table + variant] as number;
  return (scaled & DRAW_MASK) < word >>> ALIAS_BITS ? variant : word & ALIAS_MASK;
}

/**
 * One word for each variant, which follows from its records alone: a variant that goes and comes
 * back finds its clients again, and all servers send a client to the same one.
 */
export function rendezvousTable(variants: readonly (readonly Uint8Array[])[]): Int32Array {
  return Int32Array.from(variants, (rdatas) => {
    let hash = 0;
    for (const rdata of rdatas) for (const octet of rdata) hash = hashOctet(hash, octet);
    return mixed(hash);
  });
}

/**
 * The variant that scores highest with a client. Where one goes, only its own clients move, to
 * where each of them scores next; where one comes, it takes its share from all.
 */
export function pickByRendezvous(
  words: Int32Array,
  table: number,
  variants: number,
  client: number,
): number {
  let best = 0;
  let bestScore = mixed(client ^ (words[table] as number));
  for (let variant = 1; variant < variants; variant++) {
    const score = mixed(client ^ (words[table + variant] as number));
    if (score > bestScore) {
      bestScore = score;
      best = variant;
    }
  }
  return best;
}

/** Takes one octet more into a hash (one step of FNV-1a). */
export function hashOctet(hash: number, octet: number): number {
  return Math.imul(hash ^ octet ^ 0x811c_9dc5, 0x0100_0193);
}

/** Spreads a hash over 32 bits (the finalizer of MurmurHash3). */
export function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85eb_ca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

function indexesOf(shares: readonly number[], is: (share: number) => boolean): number[] {
  return shares.flatMap((share, i) => (is(share) ? [i] : []));
}
