// The edits of an overlay outside of memory: copied as far as they are used, and put back.

import { lastEntryEnd } from "./entries.ts";
import {
  entriesOffset,
  NODE_DELETED,
  NODE_EMPTY,
  OVERLAY_INDEX_MASK,
  OVERLAY_OFFSET_BITS,
  OVERLAY_REGIONS,
  OVERLAY_ROOT,
  REGION_HEAD_WORDS,
} from "./layout.ts";

/** What of an overlay is in use. */
export interface UsedOverlay {
  /** 0 while nothing is edited. */
  readonly root: number;
  /** Names in the index that is shown. */
  readonly names: number;
  /** Word behind the last node that it leads to. */
  readonly heapEnd: number;
}

/** Words of a copy before the index: root, slots, words of nodes. */
const COPY_HEAD_WORDS = 3;

/** Where one of the two index regions begins, or, for 2, what lies behind them. */
export function regionAt(words: Int32Array, region: number): number {
  const slots = (words[OVERLAY_INDEX_MASK] ?? 0) + 1;
  return OVERLAY_REGIONS + region * (REGION_HEAD_WORDS + slots);
}

/** Finds out what is in use by the index that is shown. For the writer's thread. */
export function usedOverlay(words: Int32Array): UsedOverlay {
  const root = Atomics.load(words, OVERLAY_ROOT);
  let heapEnd = (regionAt(words, 2) + 1) & ~1;
  let names = 0;
  if (root === 0) return { root, names, heapEnd };
  const offsets = (1 << (words[OVERLAY_OFFSET_BITS] ?? 1)) - 1;
  const index = regionAt(words, root & 1) + REGION_HEAD_WORDS;
  const end = index + (words[OVERLAY_INDEX_MASK] ?? 0) + 1;
  for (let slot = index; slot < end; slot++) {
    const entry = words[slot] ?? 0;
    if (entry === 0) continue;
    names++;
    const node = (entry & offsets) << 1;
    heapEnd = Math.max(heapEnd, node + wordsOfNode(words, node));
  }
  return { root, names, heapEnd };
}

/** Words of a node, rounded up to the unit that nodes begin at. */
export function wordsOfNode(words: Int32Array, node: number): number {
  const second = words[node + 1] ?? 0;
  const start = node + entriesOffset(second);
  const isBare = (second & (NODE_EMPTY | NODE_DELETED)) !== 0;
  const end = isBare ? start : lastEntryEnd(words, start);
  return (end - node + 1) & ~1;
}

/** A copy of the edits, in memory of its own; empty while there are none. For the writer's thread. */
export function copyEdits(overlay: SharedArrayBuffer): Uint8Array {
  const words = new Int32Array(overlay);
  const { root, heapEnd } = usedOverlay(words);
  if (root === 0) return new Uint8Array(0);
  const index = regionAt(words, root & 1);
  const heap = regionAt(words, 2);
  const indexWords = regionAt(words, 1) - regionAt(words, 0);
  const copy = new Int32Array(COPY_HEAD_WORDS + indexWords + heapEnd - heap);
  copy.set([root, indexWords, heapEnd - heap]);
  copy.set(words.subarray(index, index + indexWords), COPY_HEAD_WORDS);
  copy.set(words.subarray(heap, heapEnd), COPY_HEAD_WORDS + indexWords);
  return new Uint8Array(copy.buffer);
}

/**
 * Puts copied edits into an empty overlay that nobody reads yet and that is as large as theirs was.
 *
 * @returns false where they do not fit; nothing has then been written.
 */
export function restoreEdits(overlay: SharedArrayBuffer, copied: Uint8Array): boolean {
  if (copied.length === 0) return true;
  if (copied.byteOffset % 4 !== 0 || copied.length % 4 !== 0) return false;
  const copy = new Int32Array(copied.buffer, copied.byteOffset, copied.length / 4);
  const [root = 0, indexWords = 0, heapWords = 0] = copy;
  const words = new Int32Array(overlay);
  const heap = regionAt(words, 2);
  const isAlike = indexWords === regionAt(words, 1) - regionAt(words, 0);
  const isWhole = heapWords >= 0 && copy.length === COPY_HEAD_WORDS + indexWords + heapWords;
  if (!isAlike || !isWhole || heap + heapWords > words.length) return false;
  words.set(
    copy.subarray(COPY_HEAD_WORDS, COPY_HEAD_WORDS + indexWords),
    regionAt(words, root & 1),
  );
  words.set(copy.subarray(COPY_HEAD_WORDS + indexWords), heap);
  words[OVERLAY_ROOT] = root;
  return true;
}

/** Makes an overlay that nobody reads yet as good as empty. */
export function forgetEdits(overlay: SharedArrayBuffer): void {
  new Int32Array(overlay)[OVERLAY_ROOT] = 0;
}
