// An image outside of memory: which octets make up its copy, and how a copy becomes an image again.
// Where copies are kept, and whether one is still true, is the caller's to know.

import { nameKey } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import {
  BASE_INDEX,
  BASE_INDEX_MASK,
  BASE_MAGIC,
  BASE_VERSION,
  ENTRY_HEAD_WORDS,
  HALF_VARIANTS,
  LAYOUT_VERSION,
  MAGIC,
  RECORD_HEAD_OCTETS,
  RECORD_RDLENGTH_AT,
  SLOT_HALF_WORDS,
  SLOT_HALVES,
  SLOT_KEY,
  SLOT_KEY_WORDS,
  SLOT_STATE,
  SLOT_WORDS,
  SLOTS_COUNT,
  SLOTS_DIRECTORY,
  SLOTS_HEAP,
  SLOTS_MAGIC,
} from "./layout.ts";
import type { ImageMemory } from "./memory.ts";
import { forgetEdits, restoreEdits } from "./overlay-copy.ts";

/** Raised with the layout: a copy of another version is no image. */
export const SNAPSHOT_VERSION = LAYOUT_VERSION;

/** Words of a copy of slots before its two parts: their lengths in words. */
const COPY_HEAD_WORDS = 2;

/**
 * A copy of the live answers, in memory of its own: as large as what is in use. Only for the
 * writer's thread, between two publishes.
 */
export function copySlots(slots: SharedArrayBuffer): Uint8Array {
  const words = new Int32Array(slots);
  const heap = words[SLOTS_HEAP] ?? 0;
  const used = { directory: SLOTS_DIRECTORY, heap };
  for (let slot = 0; slot < (words[SLOTS_COUNT] ?? 0); slot++) {
    const at = SLOTS_DIRECTORY + slot * SLOT_WORDS;
    if ((words[at + SLOT_KEY] ?? 0) === 0) continue;
    used.directory = at + SLOT_WORDS;
    for (const [place, size] of BLOCKS) {
      const end = (words[at + place] ?? 0) + (words[at + size] ?? 0);
      if (end > used.heap) used.heap = end;
    }
  }
  const copy = new Int32Array(COPY_HEAD_WORDS + used.directory + used.heap - heap);
  copy.set([used.directory, used.heap - heap]);
  copy.set(words.subarray(0, used.directory), COPY_HEAD_WORDS);
  copy.set(words.subarray(heap, used.heap), COPY_HEAD_WORDS + used.directory);
  return new Uint8Array(copy.buffer);
}

/** Where a slot says that a block of its lies, and how large it is. */
const BLOCKS = [
  [SLOT_HALVES, SLOT_HALF_WORDS],
  [SLOT_HALVES + 1, SLOT_HALF_WORDS + 1],
  [SLOT_KEY, SLOT_KEY_WORDS],
] as const;

/**
 * Makes a copied base, copied edits and copied slots the image of `memory`, which nobody reads or
 * writes yet and which is as large as the one they were copied from.
 *
 * @returns the memory with the base in its set, or undefined where they are not of this layout.
 */
export function restoreImage(
  memory: ImageMemory,
  copy: {
    readonly base: SharedArrayBuffer;
    readonly edits: Uint8Array;
    readonly slots: Uint8Array;
  },
): ImageMemory | undefined {
  const { overlay } = memory.set;
  if (!isBase(copy.base) || !restoreEdits(overlay, copy.edits)) return undefined;
  if (!restoreSlots(memory.slots, copy.slots)) {
    forgetEdits(overlay);
    return undefined;
  }
  return { ...memory, set: { ...memory.set, base: copy.base } };
}

/**
 * Sets the serials of SOA records among restored live answers, which nobody reads yet.
 *
 * @param serialOf the serial that a zone is to show, by the key of its origin; undefined: as it is.
 */
export function setSerials(
  slots: SharedArrayBuffer,
  serialOf: (zone: string) => number | undefined,
): void {
  const words = new Int32Array(slots);
  const bytes = new Uint8Array(slots);
  for (let slot = 0; slot < (words[SLOTS_COUNT] ?? 0); slot++) {
    const at = SLOTS_DIRECTORY + slot * SLOT_WORDS;
    const key = words[at + SLOT_KEY] ?? 0;
    const state = words[at + SLOT_STATE] ?? 0;
    const head = words[key] ?? 0;
    if (key === 0 || state === 0 || head >>> 16 !== TYPE.SOA) continue;
    const owner = bytes.subarray((key + 1) * 4, (key + 1) * 4 + (head & 0xff));
    const serial = serialOf(nameKey(owner));
    if (serial === undefined) continue;
    const half = words[at + SLOT_HALVES + (state & 1)] ?? 0;
    const entry = half + (words[half + HALF_VARIANTS] ?? 0);
    const record = (entry + ENTRY_HEAD_WORDS) * 4;
    const view = new DataView(slots);
    const end = record + RECORD_HEAD_OCTETS + view.getUint16(record + RECORD_RDLENGTH_AT);
    view.setUint32(end - SOA_NUMBERS_OCTETS, serial);
  }
}

/** The five numbers that an SOA's data ends with; the serial is the first (RFC 1035 section 3.3.13). */
const SOA_NUMBERS_OCTETS = 20;

function isBase(base: SharedArrayBuffer): boolean {
  const words = new Int32Array(base);
  const index = (words[BASE_INDEX_MASK] ?? 0) + 1;
  const isOurs = words[BASE_MAGIC] === MAGIC && words[BASE_VERSION] === LAYOUT_VERSION;
  return isOurs && BASE_INDEX + index <= words.length;
}

function restoreSlots(slots: SharedArrayBuffer, copied: Uint8Array): boolean {
  if (copied.byteOffset % 4 !== 0 || copied.length % 4 !== 0) return false;
  const copy = new Int32Array(copied.buffer, copied.byteOffset, copied.length / 4);
  const [directory = 0, heap = 0] = copy;
  const words = new Int32Array(slots);
  const heapAt = words[SLOTS_HEAP] ?? 0;
  const isWhole = directory >= SLOTS_DIRECTORY && heap >= 0;
  if (!isWhole || copy.length !== COPY_HEAD_WORDS + directory + heap) return false;
  const fits = directory <= heapAt && heapAt + heap <= words.length;
  const isAlike = [SLOTS_MAGIC, SLOTS_COUNT, SLOTS_HEAP].every((word) => {
    return copy[COPY_HEAD_WORDS + word] === words[word];
  });
  if (!fits || !isAlike) return false;
  words.set(copy.subarray(COPY_HEAD_WORDS, COPY_HEAD_WORDS + directory));
  words.set(copy.subarray(COPY_HEAD_WORDS + directory), heapAt);
  return true;
}
