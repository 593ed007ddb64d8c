// A name on its way into the image: lower-case, aligned at its end, hashed once for all its
// suffixes.
//
// The name's last octet is always octet 255, and the hash runs from the end to the front, four
// octets a step, keeping its state after each step. Every suffix is then at its place already, and
// its hash costs two steps: that makes the search for the closest encloser as cheap as that of the
// name itself.

import { NAME_OCTETS_MAX } from "../dns/name.ts";

const OCTETS = 256;
const WORDS = OCTETS / 4;
/** Where the hash's state after each step from the end lies: behind the name, in words. */
const STATES = WORDS;
const SEED = 0x2545_f491;
const STEP_MULTIPLIER = 0x9e37_79b1;
const LAST_MULTIPLIER = 0x85eb_ca6b;
const LENGTH_MULTIPLIER = 0xc2b2_ae35;

/** Mutable scratch for one name; owned by whoever made it, reused for every query. */
export class NameBuffer {
  private readonly memory = new ArrayBuffer(4 * (STATES + WORDS + 1));
  /** The lower-case name: octets `256 - length` to 255. */
  readonly bytes = new Uint8Array(this.memory, 0, OCTETS);
  /**
   * The same memory as words; what lies before the name is not cleared. The hash's states are behind it:
   * a batch has many names, and each array of its own costs lines of the cache.
   */
  readonly words = new Int32Array(this.memory);
  /** Where each label starts, counted from the start of the name. */
  readonly starts = new Uint8Array(128);
  /** Octets of the name, the root's zero included; 1 to 255. */
  length = 0;
  /** Labels, the root's not counted. */
  labels = 0;
  /** Hash of the whole name. */
  hash = 0;

  /**
   * Takes an uncompressed name from `source`.
   *
   * @param limit no octet at or behind it is read.
   * @returns where the name ends, or -1 where it is cut off, too long, or has a label above 63.
   */
  read(source: Uint8Array, at: number, limit: number): number {
    const starts = this.starts;
    let end = at;
    let labels = 0;
    for (;;) {
      if (end >= limit) return -1;
      const size = source[end] as number;
      if (size === 0) break;
      if (size > 63) return -1;
      starts[labels++] = end - at;
      end += size + 1;
      if (end - at >= NAME_OCTETS_MAX) return -1;
    }
    end++;
    this.labels = labels;
    this.length = end - at;
    this.load(source, at, end);
    return end;
  }

  /** Octets of the suffix that starts at a label; `labels` names the root. */
  suffixLength(label: number): number {
    return label >= this.labels ? 1 : this.length - (this.starts[label] as number);
  }

  /** Hash of the suffix of `length` octets; it equals `hash` of a buffer that holds just that. */
  suffixHash(length: number): number {
    const steps = length >> 2;
    const rest = length & 3;
    const word = this.words[WORDS - 1 - steps] as number;
    const last = rest === 0 ? 0 : word & (-1 << ((4 - rest) << 3));
    return finished(this.words[STATES + steps] as number, last, length);
  }

  /** Becomes "*" in front of the last `length` octets of `name`. False where that is too long. */
  becomeWildcard(name: NameBuffer, length: number): boolean {
    if (length + 2 > NAME_OCTETS_MAX) return false;
    const from = (OCTETS - length) >> 2;
    for (let i = from; i < WORDS; i++) this.words[i] = name.words[i] as number;
    this.bytes[OCTETS - length - 1] = 0x2a;
    this.bytes[OCTETS - length - 2] = 1;
    // The buffer itself is a valid source: lowering what is lower already changes nothing.
    return this.read(this.bytes, OCTETS - length - 2, OCTETS) >= 0;
  }

  /** Whether this name is the last `length` octets of `other`, or lies below them. */
  endsWith(other: NameBuffer, length: number): boolean {
    let label = 0;
    while (this.suffixLength(label) > length) label++;
    if (this.suffixLength(label) !== length) return false;
    for (let i = OCTETS - length; i < OCTETS; i++) {
      if (this.bytes[i] !== other.bytes[i]) return false;
    }
    return true;
  }

  /** Lowers, copies and hashes from the end, four octets a step. */
  private load(source: Uint8Array, at: number, nameEnd: number): void {
    const words = this.words;
    let end = nameEnd;
    let place = WORDS;
    let step = STATES;
    let state = SEED;
    words[step] = state;
    while (end - at >= 4) {
      end -= 4;
      const word = lowered(
        (source[end] as number) |
          ((source[end + 1] as number) << 8) |
          ((source[end + 2] as number) << 16) |
          ((source[end + 3] as number) << 24),
      );
      words[--place] = word;
      state = Math.imul(state ^ word, STEP_MULTIPLIER);
      state ^= state >>> 15;
      words[++step] = state;
    }
    let last = 0;
    if (end > at) {
      last = (source[end - 1] as number) << 24;
      if (end - at > 1) last |= (source[end - 2] as number) << 16;
      if (end - at > 2) last |= (source[end - 3] as number) << 8;
      last = lowered(last);
      words[place - 1] = last;
    }
    this.hash = finished(state, last, this.length);
  }
}

/** Whether the last `length` octets of `name` are the name that ends before word `end`. */
export function isSameName(
  words: Int32Array,
  end: number,
  name: NameBuffer,
  length: number,
): boolean {
  const own = name.words;
  const full = length >> 2;
  for (let i = 1; i <= full; i++) {
    if (words[end - i] !== own[WORDS - i]) return false;
  }
  const rest = length & 3;
  if (rest === 0) return true;
  return words[end - full - 1] === ((own[WORDS - 1 - full] as number) & (-1 << ((4 - rest) << 3)));
}

/** Writes the last `length` octets of `name` so that they end before word `end`, zeros in front. */
export function writeName(words: Int32Array, end: number, name: NameBuffer, length: number): void {
  const full = length >> 2;
  for (let i = 1; i <= full; i++) words[end - i] = name.words[WORDS - i] as number;
  const rest = length & 3;
  if (rest === 0) return;
  const word = name.words[WORDS - 1 - full] as number;
  words[end - full - 1] = word & (-1 << ((4 - rest) << 3));
}

/** A-Z as a-z in each of four octets at once. Label lengths are below 64 and stay as they are. */
function lowered(word: number): number {
  const seven = word & 0x7f7f_7f7f;
  const isUpper = ((seven + 0x3f3f_3f3f) ^ (seven + 0x2525_2525)) & ~word & 0x8080_8080;
  return word | (isUpper >>> 2);
}

function finished(state: number, last: number, length: number): number {
  let hash = Math.imul(state ^ last, LAST_MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash ^ length, LENGTH_MULTIPLIER);
  return hash ^ (hash >>> 16);
}
