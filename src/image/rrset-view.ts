// One RRset as it lies in the image, opened for answering: where its records are and what is known
// of them. Mutable and reused; it is valid until the reader leaves its epoch.

import {
  ENTRY_FLAGS_SHIFT,
  ENTRY_HEAD_WORDS,
  ENTRY_SIZE_MASK,
  NEGATIVE_TTL_NONE,
} from "./layout.ts";

/** Records ready for the wire, owner pointer `c0 0c` first, in static or live memory alike. */
export class RRsetView {
  /** The memory the records lie in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the first record starts. */
  at = 0;
  /** Octets of all records. */
  length = 0;
  /** How many records; 0 in a live RRset that answers NODATA now. */
  count = 0;
  type = 0;
  /** `ENTRY_*` flags. */
  flags = 0;
  /** The live slot it came from, or -1. */
  slot = -1;
  /** Of a live RRset: which of the slot's answers it is, and which variant of that. */
  era = 0;
  variant = 0;
  /** The longest a negative answer may live instead of it; only a live RRset has a limit. */
  negativeTtl = NEGATIVE_TTL_NONE;

  /** Opens the static entry at `entry`. */
  open(words: Int32Array, bytes: Uint8Array, entry: number): void {
    const head = words[entry] as number;
    const size = words[entry + 1] as number;
    this.bytes = bytes;
    this.at = (entry + ENTRY_HEAD_WORDS) << 2;
    this.length = size & ENTRY_SIZE_MASK;
    this.count = head >>> 16;
    this.type = head & 0xffff;
    this.flags = size >>> ENTRY_FLAGS_SHIFT;
    this.slot = -1;
    this.negativeTtl = NEGATIVE_TTL_NONE;
  }
}
