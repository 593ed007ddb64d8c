// How entries follow each other.

import {
  ENTRY_FLAGS_SHIFT,
  ENTRY_HEAD_WORDS,
  ENTRY_LAST,
  ENTRY_LIVE,
  ENTRY_SIZE_MASK,
} from "./layout.ts";

/** Where the entry behind the one at `entry` begins; `size` is that one's second word. */
export function nextEntry(entry: number, size: number): number {
  if ((size & (ENTRY_LIVE << ENTRY_FLAGS_SHIFT)) !== 0) return entry + ENTRY_HEAD_WORDS;
  return entry + ENTRY_HEAD_WORDS + (((size & ENTRY_SIZE_MASK) + 3) >> 2);
}

/** Whether the entry with this second word is its node's last. */
export function isLastEntry(size: number): boolean {
  return (size & (ENTRY_LAST << ENTRY_FLAGS_SHIFT)) !== 0;
}

/** Where the entries end that begin at `entry`. */
export function lastEntryEnd(words: Int32Array, entry: number): number {
  for (let at = entry; ; ) {
    const size = words[at + 1] as number;
    at = nextEntry(at, size);
    if (isLastEntry(size)) return at;
  }
}
