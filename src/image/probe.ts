// The search in one index, shared by readers and by the writer.

import { NAME_LENGTH_SHIFT, NODE_HEAD_WORDS } from "./layout.ts";
import { isSameName, type NameBuffer } from "./name-buffer.ts";

/**
 * Finds the node of a name's last `length` octets in the index of `mask + 1` slots at word `index`.
 * An index always has free slots, which end the search.
 *
 * @returns the node's word, or 0.
 */
export function probe(
  words: Int32Array,
  index: number,
  mask: number,
  offsetBits: number,
  name: NameBuffer,
  length: number,
  hash: number,
): number {
  const offsets = (1 << offsetBits) - 1;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const entry = words[index + slot] as number;
    if (entry === 0) return 0;
    // The slot's upper bits are the hash's: most other names are passed over without a look at
    // them.
    if ((entry ^ hash) >>> offsetBits !== 0) continue;
    const node = (entry & offsets) << 1;
    if (words[node] !== hash) continue;
    if ((((words[node + 1] as number) >>> NAME_LENGTH_SHIFT) & 0xff) !== length) continue;
    if (isSameName(words, node + NODE_HEAD_WORDS + ((length + 3) >> 2), name, length)) return node;
  }
}

/** Puts a node into an index in which its name is not, or is with an older node to be replaced. */
export function place(
  words: Int32Array,
  index: number,
  mask: number,
  offsetBits: number,
  slotOf: { readonly hash: number; readonly node: number; readonly replaces: number },
): void {
  const { hash, node, replaces } = slotOf;
  const offsets = (1 << offsetBits) - 1;
  let slot = hash & mask;
  for (;;) {
    const entry = words[index + slot] as number;
    if (entry === 0) break;
    if (replaces !== 0 && (entry & offsets) << 1 === replaces) break;
    slot = (slot + 1) & mask;
  }
  words[index + slot] = (hash & ~offsets) | (node >> 1);
}
