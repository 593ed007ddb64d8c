// Byte mutations of good packets, from a seed.

import { below, type Random } from "../../src/base/random.ts";

/** One of the corpus after one to four mutations: cuts, splices, bit flips, telling octets, repeats. */
export function mutated(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  let octets = [...(corpus[below(random, corpus.length)] ?? [])];
  for (let left = below(random, 4); left >= 0; left--) octets = mutate(random, octets, corpus);
  return Uint8Array.from(octets);
}

function mutate(random: Random, octets: number[], corpus: readonly Uint8Array[]): number[] {
  const at = below(random, octets.length + 1);
  const other = corpus[below(random, corpus.length)] ?? new Uint8Array(0);
  switch (below(random, 8)) {
    case 0:
      return octets.slice(0, at);
    case 1:
      return [...octets.slice(0, at), below(random, 256), ...octets.slice(at)];
    case 2:
      return [...octets.slice(0, at), ...other.subarray(below(random, other.length))];
    case 3:
      return octets.map((octet, i) => (i === at ? octet ^ (1 << below(random, 8)) : octet));
    case 4:
      return octets.map((octet, i) => (i === at ? [0, 1, 63, 64, 0xc0, 255][at % 6] : octet) ?? 0);
    case 5:
      return octets.map((octet, i) => (i >= 4 && i < 12 && i === at ? below(random, 4) : octet));
    case 6:
      return [...octets.slice(0, at), ...octets.slice(at >> 1)].slice(0, 2000);
    default:
      return octets.map((octet, i) => (i === at ? below(random, 256) : octet));
  }
}
