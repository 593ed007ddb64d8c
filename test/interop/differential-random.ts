// Draws that the generators of the differential tests share.

import { below, type Random } from "../../src/base/random.ts";

/** True with this probability. */
export function chance(random: Random, probability: number): boolean {
  return random.fraction() < probability;
}

/** One of the items, each as likely; there must be one. */
export function pick<T>(random: Random, items: readonly T[]): T {
  // A slice, because an item that is undefined is still an item.
  const at = below(random, items.length);
  for (const item of items.slice(at, at + 1)) return item;
  throw new Error("Cannot pick: there is nothing to pick from");
}

/** One to `most` different items; there must be one. */
export function pickSome<T>(random: Random, items: readonly T[], most: number): T[] {
  const chosen = new Set<T>();
  const count = 1 + below(random, most);
  for (let i = 0; i < count; i++) chosen.add(pick(random, items));
  return [...chosen];
}

/** One of the keys, as likely as its weight among all. */
export function odds<K extends string>(random: Random, weights: Readonly<Record<K, number>>): K {
  const entries = Object.entries<number>(weights) as [K, number][];
  let left = random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [key, weight] of entries) {
    left -= weight;
    if (left < 0) return key;
  }
  return pick(random, entries)[0];
}
