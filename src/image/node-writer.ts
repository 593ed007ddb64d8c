// Writes nodes and entries, for bases, overlays and live slots alike: one place knows their form.

import { AT_COUNT, AT_RDATAS, AT_TTL, AT_TYPE, fieldsOf, readU16, readU32 } from "../zone/pack.ts";
import {
  ENTRY_FLAGS_SHIFT,
  ENTRY_HEAD_WORDS,
  ENTRY_LAST,
  ENTRY_LIVE,
  ENTRY_SIZE_MASK,
  entryFlagsOf,
  NAME_LENGTH_SHIFT,
  NODE_HEAD_WORDS,
  NODE_INNER,
  RECORD_HEAD_OCTETS,
} from "./layout.ts";
import { ImageError } from "./memory.ts";
import { type NameBuffer, writeName } from "./name-buffer.ts";

/** Copied by a loop up to here; the engine's own copy costs more to start than that. */
const LOOP_OCTETS_MAX = 64;

/** One memory, as words and as octets. */
export interface Memory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** What stands in a node before its entries. */
export interface NodeHead {
  readonly hash: number;
  /** `NODE_*` flags; `NODE_INNER` is set here where there are children. */
  readonly flags: number;
  readonly children: number;
}

/** Words of a node, rounded up to the unit that nodes begin at. */
export function nodeWords(nameLength: number, children: number, entryWords: number): number {
  const words = NODE_HEAD_WORDS + ((nameLength + 3) >> 2) + (children > 0 ? 1 : 0) + entryWords;
  return (words + 1) & ~1;
}

/** Writes a node's head and name; returns the word where its entries begin. */
export function writeNodeHead(
  words: Int32Array,
  at: number,
  head: NodeHead,
  name: NameBuffer,
  length: number,
): number {
  const flags = head.children > 0 ? head.flags | NODE_INNER : head.flags & ~NODE_INNER;
  words[at] = head.hash;
  words[at + 1] = flags | (length << NAME_LENGTH_SHIFT);
  const end = at + NODE_HEAD_WORDS + ((length + 3) >> 2);
  writeName(words, end, name, length);
  if (head.children === 0) return end;
  words[end] = head.children;
  return end + 1;
}

/** Marks the entry at `entry` as its node's last. */
export function endEntries(words: Int32Array, entry: number): void {
  words[entry + 1] = (words[entry + 1] as number) | (ENTRY_LAST << ENTRY_FLAGS_SHIFT);
}

/** Writes an entry that stands for a live slot; returns where the next one begins. */
export function writeLiveEntry(words: Int32Array, at: number, type: number, slot: number): number {
  words[at] = type;
  words[at + 1] = slot | (ENTRY_LIVE << ENTRY_FLAGS_SHIFT);
  return at + ENTRY_HEAD_WORDS;
}

/** Words that `writeEntry` takes for the packed RRset (see `zone/pack`) at `from`. */
export function entryWords(packed: Uint8Array, from: number): number {
  const fields = fieldsOf(packed, from);
  let at = fields + AT_RDATAS;
  let octets = 0;
  for (let left = readU16(packed, fields + AT_COUNT); left > 0; left--) {
    const size = readU16(packed, at);
    octets += RECORD_HEAD_OCTETS + size;
    at += 2 + size;
  }
  if (octets > ENTRY_SIZE_MASK) {
    throw new ImageError(
      "IMAGE_TOO_LARGE",
      `Cannot compile an RRset: its records take ${octets} octets, the most is ${ENTRY_SIZE_MASK}`,
    );
  }
  return ENTRY_HEAD_WORDS + ((octets + 3) >> 2);
}

/**
 * Writes the packed RRset at `from` as an entry at word `at`; returns where the next one begins.
 */
export function writeEntry(memory: Memory, at: number, packed: Uint8Array, from: number): number {
  const { words, bytes } = memory;
  const fields = fieldsOf(packed, from);
  const type = readU16(packed, fields + AT_TYPE);
  const ttl = readU32(packed, fields + AT_TTL);
  const count = readU16(packed, fields + AT_COUNT);
  const start = (at + ENTRY_HEAD_WORDS) << 2;
  let to = start;
  let source = fields + AT_RDATAS;
  for (let left = count; left > 0; left--) {
    const size = readU16(packed, source);
    writeRecordHead(bytes, to, type, ttl, size);
    to = copy(bytes, to + RECORD_HEAD_OCTETS, packed, source + 2, size);
    source += 2 + size;
  }
  words[at] = type | (count << 16);
  words[at + 1] = (to - start) | (entryFlagsOf(type) << ENTRY_FLAGS_SHIFT);
  return (to + 3) >> 2;
}

function writeRecordHead(
  bytes: Uint8Array,
  at: number,
  type: number,
  ttl: number,
  size: number,
): void {
  bytes[at] = 0xc0;
  bytes[at + 1] = 12;
  bytes[at + 2] = type >>> 8;
  bytes[at + 3] = type;
  bytes[at + 4] = 0;
  bytes[at + 5] = 1;
  bytes[at + 6] = ttl >>> 24;
  bytes[at + 7] = ttl >>> 16;
  bytes[at + 8] = ttl >>> 8;
  bytes[at + 9] = ttl;
  bytes[at + 10] = size >>> 8;
  bytes[at + 11] = size;
}

function copy(to: Uint8Array, at: number, from: Uint8Array, start: number, size: number): number {
  if (size > LOOP_OCTETS_MAX) {
    to.set(from.subarray(start, start + size), at);
  } else {
    for (let i = 0; i < size; i++) to[at + i] = from[start + i] as number;
  }
  return at + size;
}
