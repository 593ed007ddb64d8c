// The shared memory of an image: what the supervisor hands to every thread. It is made here and
// nowhere else; layout.ts says where every word lies.

import { assert } from "../base/assert.ts";
import { FIRST_LINE_WORD, LINE_WORDS } from "../base/cache-line.ts";
import { AppError } from "../base/errors.ts";
import {
  BASE_INDEX,
  BASE_INDEX_MASK,
  BASE_MAGIC,
  BASE_OFFSET_BITS,
  BASE_VERSION,
  LAYOUT_VERSION,
  MAGIC,
  OVERLAY_INDEX_MASK,
  OVERLAY_OFFSET_BITS,
  OVERLAY_REGIONS,
  SLOT_WORDS,
  SLOTS_COUNT,
  SLOTS_DIRECTORY,
  SLOTS_HEAP,
  SLOTS_MAGIC,
} from "./layout.ts";
import { createReasons } from "./reasons.ts";

/** A compiled base with the overlay of the edits made since. Structured-clonable. */
export interface ImageSet {
  /** Counts up with every base; 1 or more. */
  readonly id: number;
  readonly base: SharedArrayBuffer;
  readonly overlay: SharedArrayBuffer;
}

/** All memory of an image. Structured-clonable; `set` is the newest one when it was sent. */
export interface ImageMemory {
  /** Epochs of the readers and the set each of them uses. */
  readonly control: SharedArrayBuffer;
  /** Live answers; they outlive every set. */
  readonly slots: SharedArrayBuffer;
  /** Why each of them is what it is, in words (`reasons.ts`). */
  readonly reasons: SharedArrayBuffer;
  readonly set: ImageSet;
}

/** How large an image is made. Memory that is not used costs address space only. */
export interface ImageSizes {
  /** Answer threads and stream threads that read it; 1 to 1024. */
  readonly readers: number;
  /** Pool-bound RRsets; default 65536. */
  readonly slotsMax?: number;
  /** Octets for the answers of all slots together; default 1024 a slot. */
  readonly slotOctets?: number;
  /** Names that edits may touch before a new base is due; default 16384. */
  readonly overlayNamesMax?: number;
  /** Octets for their records; default 512 a name. */
  readonly overlayOctets?: number;
}

/** What the image cannot take, or whom it waited for in vain. */
export class ImageError extends AppError {
  override readonly code: "IMAGE_TOO_LARGE" | "IMAGE_SLOTS_FULL" | "IMAGE_READER_STUCK";

  constructor(code: ImageError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Word of the newest set's id in the control memory. */
export const CONTROL_SET = 1;
const CONTROL_READERS = 0;
const CONTROL_FIRST_READER = 16;
/** A reader's words fill a cache line, so that readers do not slow each other. */
const CONTROL_READER_WORDS = 16;
const READERS_MAX = 1024;
const SLOTS_MAX = 65536;
/** 0 for a reader that is not there, else the id of the set it uses; behind its epoch. */
export const READER_SET = 1;

/** Makes an empty image: it answers REFUSED to every question. */
export function createImageMemory(sizes: ImageSizes): ImageMemory {
  assert(sizes.readers >= 1 && sizes.readers <= READERS_MAX, "an image of 1 to 1024 readers");
  assert(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1, "a little-endian processor");
  const control = new SharedArrayBuffer(
    4 * (CONTROL_FIRST_READER + sizes.readers * CONTROL_READER_WORDS),
  );
  const words = new Int32Array(control);
  words[CONTROL_READERS] = sizes.readers;
  words[CONTROL_SET] = 1;
  const base = new SharedArrayBuffer(4 * (BASE_INDEX + 2));
  writeBaseHead(new Int32Array(base), { slots: 2, offsetBits: 1 });
  return {
    control,
    slots: createSlots(sizes),
    reasons: createReasons(sizes.slotsMax ?? SLOTS_MAX),
    set: { id: 1, base, overlay: createOverlay(sizes) },
  };
}

/** Fills in the head of a base that has an index of `slots` slots (a power of two). */
export function writeBaseHead(
  words: Int32Array,
  index: { readonly slots: number; readonly offsetBits: number },
): void {
  words[BASE_MAGIC] = MAGIC;
  words[BASE_VERSION] = LAYOUT_VERSION;
  words[BASE_INDEX_MASK] = index.slots - 1;
  words[BASE_OFFSET_BITS] = index.offsetBits;
}

/** An empty overlay of the sizes asked for. */
export function createOverlay(sizes: {
  readonly overlayNamesMax?: number;
  readonly overlayOctets?: number;
}): SharedArrayBuffer {
  const names = sizes.overlayNamesMax ?? 16384;
  const slots = powerOfTwo(names * 2);
  const octets = sizes.overlayOctets ?? names * 512;
  const total = 4 * (OVERLAY_REGIONS + 2 * (4 + slots)) + octets;
  assert(total <= 0x1000_0000, "an overlay of at most 256 MiB");
  const overlay = new SharedArrayBuffer(Math.ceil(total / 8) * 8);
  const words = new Int32Array(overlay);
  words[OVERLAY_INDEX_MASK] = slots - 1;
  words[OVERLAY_OFFSET_BITS] = offsetBitsFor(overlay.byteLength);
  return overlay;
}

/** The overlay sizes that an existing overlay was made with, for the next one to be as large. */
export function overlaySizes(overlay: SharedArrayBuffer): {
  readonly overlayNamesMax: number;
  readonly overlayOctets: number;
} {
  const slots = ((new Int32Array(overlay)[OVERLAY_INDEX_MASK] as number) + 1) | 0;
  return {
    overlayNamesMax: slots / 2,
    overlayOctets: overlay.byteLength - 4 * (OVERLAY_REGIONS + 2 * (4 + slots)),
  };
}

/** Bits that hold every node offset, in units of 8 octets, of a memory of so many octets. */
export function offsetBitsFor(octets: number): number {
  return Math.max(1, 32 - Math.clz32(octets / 8));
}

/** The least power of two that is not below `least`. */
export function powerOfTwo(least: number): number {
  let power = 2;
  while (power < least) power *= 2;
  return power;
}

/** How many readers the control memory has room for. */
export function readerCount(control: Int32Array): number {
  return control[CONTROL_READERS] as number;
}

/** How many slots a memory of live answers has. */
export function slotCount(slots: SharedArrayBuffer): number {
  return new Int32Array(slots)[SLOTS_COUNT] as number;
}

/** The word of a reader's epoch: odd while it works on a batch. `READER_SET` lies behind it. */
export function readerWord(reader: number): number {
  return CONTROL_FIRST_READER + reader * CONTROL_READER_WORDS;
}

/**
 * Declares a reader's thread dead: nobody waits for it any more. For the supervisor, after the
 * thread has ended and before its replacement starts.
 */
export function clearReader(control: SharedArrayBuffer, reader: number): void {
  const words = new Int32Array(control);
  const word = readerWord(reader);
  Atomics.store(words, word + READER_SET, 0);
  const epoch = Atomics.load(words, word);
  if ((epoch & 1) === 1) Atomics.store(words, word, (epoch + 1) | 0);
  Atomics.notify(words, word);
}

function createSlots(sizes: ImageSizes): SharedArrayBuffer {
  const count = sizes.slotsMax ?? SLOTS_MAX;
  const lines = Math.ceil((SLOTS_DIRECTORY + count * SLOT_WORDS - FIRST_LINE_WORD) / LINE_WORDS);
  const heap = FIRST_LINE_WORD + lines * LINE_WORDS;
  const octets = heap * 4 + (sizes.slotOctets ?? count * 1024);
  assert(count >= 1 && octets <= 0x4000_0000, "slots of at most 1 GiB");
  const slots = new SharedArrayBuffer(Math.ceil(octets / 64) * 64);
  const words = new Int32Array(slots);
  words[SLOTS_MAGIC] = MAGIC;
  words[SLOTS_COUNT] = count;
  words[SLOTS_HEAP] = heap;
  return slots;
}
