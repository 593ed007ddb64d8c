// Asks memory for what a batch is about to read of a large base, for all its names at once: one after
// the other each search waits for a line of the index, then for a node's.
//
// Every step is a loop so short that a processor has the lines of a whole batch on their way together.
// Nothing is decided here: the search that follows looks at everything itself.

import { BASE_INDEX, entriesOffset, NODE_EMPTY } from "./layout.ts";

/** A smaller base is in the caches by itself, or soon. */
const LARGE_OCTETS = 0x10_0000;

/** One reader's look ahead. */
export class Lookahead {
  /** Whether the base is so large that looking ahead is worth its own cost. */
  isWorthIt = false;

  private words: Int32Array = new Int32Array(BASE_INDEX + 1);
  private mask = 0;
  private offsets = 0;
  private count = 0;
  private readonly hashes: Int32Array;
  private readonly nodes: Int32Array;
  /** Takes what was only looked at, so that the looking is done. */
  private readonly seen = new Int32Array(1);

  /** @param namesMax names of a batch at most. */
  constructor(namesMax: number) {
    this.hashes = new Int32Array(namesMax);
    this.nodes = new Int32Array(namesMax);
  }

  /** Looks into another base from now on, as its head says. */
  adopt(words: Int32Array, mask: number, offsetBits: number): void {
    this.words = words;
    this.mask = mask;
    this.offsets = (1 << offsetBits) - 1;
    this.isWorthIt = words.byteLength >= LARGE_OCTETS;
  }

  /** Adds a name of the batch by its hash. */
  add(hash: number): void {
    if (this.count < this.hashes.length) this.hashes[this.count++] = hash;
  }

  /** Asks for what all names of the batch need, and forgets them. */
  fetch(): void {
    const { count } = this;
    this.count = 0;
    this.seen[0] = this.fetchIndex(count) ^ this.fetchNodes(count) ^ this.fetchEntries(count);
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
    const { hashes, nodes, words, mask, offsets } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const slot = words[BASE_INDEX + ((hashes[i] as number) & mask)] as number;
      const node = (slot & offsets) << 1;
      nodes[i] = node;
      seen ^= words[node] as number;
    }
    return seen;
  }

  /** A node's first entry is often on the line behind. */
  private fetchEntries(count: number): number {
    const { nodes, words } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const node = nodes[i] as number;
      const head = words[node + 1] as number;
      if (node === 0 || (head & NODE_EMPTY) !== 0) continue;
      seen ^= words[node + entriesOffset(head) + 1] as number;
    }
    return seen;
  }
}
