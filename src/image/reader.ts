// A thread's eyes on the image: finds names and opens their RRsets. It never writes but its epoch.
//
// Order of use: enter(), then for each query any number of find() and open...(), then leave(). What
// was found stays valid until leave().

import { isLastEntry, nextEntry } from "./entries.ts";
import {
  BASE_INDEX,
  BASE_INDEX_MASK,
  BASE_LABELS_MAX,
  BASE_OFFSET_BITS,
  ENTRY_FLAGS_SHIFT,
  ENTRY_LIVE,
  ENTRY_SIZE_MASK,
  entriesOffset,
  glueHash,
  HALF_ERA,
  HALF_HEAD,
  HALF_NEGATIVE_TTL,
  HALF_TABLE,
  HALF_VARIANTS,
  NODE_DELETED,
  NODE_EMPTY,
  NODE_PARENT_SIDE,
  OVERLAY_INDEX_MASK,
  OVERLAY_OFFSET_BITS,
  OVERLAY_REGIONS,
  OVERLAY_ROOT,
  PARENT_SIDE_SALT,
  PICK_ALIAS,
  PICK_FIRST,
  PICK_RENDEZVOUS,
  PICK_ROTATE,
  SLOT_HALVES,
  SLOT_STATE,
  SLOT_WORDS,
  SLOTS_DIRECTORY,
} from "./layout.ts";
import { Lookahead } from "./lookahead.ts";
import { type ImageMemory, type ImageSet, READER_SET, readerWord } from "./memory.ts";
import type { NameBuffer } from "./name-buffer.ts";
import {
  type Asker,
  firstDraw,
  NOBODY,
  nextDraw,
  pickByAlias,
  pickByRendezvous,
} from "./pickers.ts";
import { probe } from "./probe.ts";
import { ReasonReader } from "./reasons.ts";
import type { RRsetView } from "./rrset-view.ts";

/** Queries that are taken, looked up in one epoch and answered together, at most. */
export const BATCH_MAX = 64;

/** One reader; `reader` is its number, which no other thread uses while it lives. */
export class ImageReader {
  /** The memory that holds the node found last. */
  words: Int32Array;
  /** The same memory in octets. */
  bytes: Uint8Array;
  /** Word of the node found last; 0 when nothing was found. */
  node = 0;
  /** `NODE_*` flags of the node found last. */
  flags = 0;
  /** Counts up whenever the zones may say something else than before; live slots are not meant. */
  generation = 0;
  /** Who asks: whoever answers packets sets it, and it speaks for the packet at hand. */
  asker: Asker = NOBODY;

  /** Why live answers are what they are. */
  readonly reasons: ReasonReader;
  /** For the names of a batch, before the first of them is looked up. */
  readonly ahead: Lookahead;

  private readonly control: Int32Array;
  private readonly epochWord: number;
  private epoch: number;
  private setId = 0;

  private baseWords: Int32Array;
  private baseBytes: Uint8Array;
  private baseMask = 0;
  private baseOffsetBits = 1;
  private baseLabelsMax = 0;

  private overlayWords: Int32Array;
  private overlayBytes: Uint8Array;
  private overlayMask = 0;
  private overlayOffsetBits = 1;
  private overlayLabelsMax = 0;
  /** Where the overlay's index lies that this batch uses; 0 while the overlay is empty. */
  private overlayIndex = 0;
  private root = 0;

  private readonly slotWords: Int32Array;
  private readonly slotBytes: Uint8Array;
  /** Steps with every rotation; each reader counts for itself. */
  private turn = 0;
  /** Steps with every draw by weight. */
  private draw: number;

  constructor(memory: ImageMemory, reader: number) {
    this.control = new Int32Array(memory.control);
    this.epochWord = readerWord(reader);
    this.draw = firstDraw(reader);
    // A predecessor may have died at work: its odd epoch must not pass for this one's.
    this.epoch = (Atomics.load(this.control, this.epochWord) + 1) & ~1;
    Atomics.store(this.control, this.epochWord, this.epoch);
    this.slotWords = new Int32Array(memory.slots);
    this.slotBytes = new Uint8Array(memory.slots);
    this.ahead = new Lookahead(this.slotWords, BATCH_MAX);
    this.reasons = new ReasonReader(memory.reasons);
    this.baseWords = this.words = new Int32Array(memory.set.base);
    this.baseBytes = this.bytes = new Uint8Array(memory.set.base);
    this.overlayWords = new Int32Array(memory.set.overlay);
    this.overlayBytes = new Uint8Array(memory.set.overlay);
    this.adopt(memory.set);
  }

  /**
   * Starts a batch: until `leave` it sees all edits published until now, and none published later.
   * Live slots are seen as they are whenever one is opened.
   */
  enter(): void {
    this.epoch = (this.epoch + 1) | 0;
    Atomics.store(this.control, this.epochWord, this.epoch);
    const root = Atomics.load(this.overlayWords, OVERLAY_ROOT);
    if (root !== this.root) this.follow(root);
  }

  /** Ends a batch. Every thread leaves before it waits for anything. */
  leave(): void {
    this.epoch = (this.epoch + 1) | 0;
    Atomics.store(this.control, this.epochWord, this.epoch);
  }

  /** Uses a newer set from now on and tells the writer so. Only between `leave` and `enter`. */
  adopt(set: ImageSet): void {
    if (set.id === this.setId) return;
    this.setId = set.id;
    this.generation++;
    this.baseWords = new Int32Array(set.base);
    this.baseBytes = new Uint8Array(set.base);
    this.baseMask = this.baseWords[BASE_INDEX_MASK] as number;
    this.baseOffsetBits = this.baseWords[BASE_OFFSET_BITS] as number;
    this.baseLabelsMax = this.baseWords[BASE_LABELS_MAX] as number;
    this.ahead.adopt(this.baseWords, this.baseMask, this.baseOffsetBits);
    this.overlayWords = new Int32Array(set.overlay);
    this.overlayBytes = new Uint8Array(set.overlay);
    this.overlayMask = this.overlayWords[OVERLAY_INDEX_MASK] as number;
    this.overlayOffsetBits = this.overlayWords[OVERLAY_OFFSET_BITS] as number;
    this.root = 0;
    this.overlayIndex = 0;
    this.overlayLabelsMax = 0;
    this.words = this.baseWords;
    this.bytes = this.baseBytes;
    this.node = 0;
    Atomics.store(this.control, this.epochWord + READER_SET, set.id);
  }

  /** Sees the overlay as this root has it. */
  private follow(root: number): void {
    this.root = root;
    this.generation++;
    const region = OVERLAY_REGIONS + (root & 1) * (4 + this.overlayMask + 1);
    this.overlayLabelsMax = this.overlayWords[region] as number;
    this.overlayIndex = region + 4;
  }

  /** No name with more labels than this can be found: what bounds the work for a hostile name. */
  get labelsMax(): number {
    return this.overlayLabelsMax > this.baseLabelsMax ? this.overlayLabelsMax : this.baseLabelsMax;
  }

  /**
   * Finds the node of a name's last `length` octets; `hash` is their `suffixHash`. Sets `words`,
   * `bytes`, `node` and `flags`; false when there is no such name.
   */
  find(name: NameBuffer, length: number, hash: number): boolean {
    if (this.overlayIndex !== 0) {
      const words = this.overlayWords;
      const bits = this.overlayOffsetBits;
      const node = probe(words, this.overlayIndex, this.overlayMask, bits, name, length, hash);
      if (node !== 0) {
        this.words = words;
        this.bytes = this.overlayBytes;
        this.flags = (words[node + 1] as number) & 0xffff;
        this.node = (this.flags & NODE_DELETED) === 0 ? node : 0;
        return this.node !== 0;
      }
    }
    const words = this.baseWords;
    const node = probe(words, BASE_INDEX, this.baseMask, this.baseOffsetBits, name, length, hash);
    this.node = node;
    if (node === 0) return false;
    this.words = words;
    this.bytes = this.baseBytes;
    this.flags = (words[node + 1] as number) & 0xffff;
    return true;
  }

  /** Finds what a served parent zone holds at a served child's apex (its DS and NS). */
  findParentSide(name: NameBuffer, length: number, hash: number): boolean {
    return (
      this.find(name, length, hash ^ PARENT_SIDE_SALT) && (this.flags & NODE_PARENT_SIDE) !== 0
    );
  }

  /** Finds the glue that the zone with so many labels holds at or below a served child's apex. */
  findGlue(name: NameBuffer, apexLabels: number): boolean {
    return this.find(name, name.length, glueHash(name.hash, apexLabels));
  }

  /** A number that tells the node found last from every other of this query. */
  get nodeKey(): number {
    return this.words === this.baseWords ? this.node : ~this.node;
  }

  /**
   * Opens the RRset of `type` at the node found last, live ones as they are now.
   *
   * @returns false where the node has no such RRset. A live RRset may be open with no records.
   */
  openType(type: number, view: RRsetView): boolean {
    const words = this.words;
    let entry = this.node + entriesOffset(words[this.node + 1] as number);
    if ((this.flags & NODE_EMPTY) !== 0) return false;
    for (;;) {
      const size = words[entry + 1] as number;
      if (((words[entry] as number) & 0xffff) === type) {
        this.openEntry(entry, view);
        return true;
      }
      if (isLastEntry(size)) return false;
      entry = nextEntry(entry, size);
    }
  }

  /** Opens the first RRset with records at the node found last: the answer to type ANY. */
  openAny(view: RRsetView): boolean {
    const words = this.words;
    let entry = this.node + entriesOffset(words[this.node + 1] as number);
    if ((this.flags & NODE_EMPTY) !== 0) return false;
    for (;;) {
      const size = words[entry + 1] as number;
      this.openEntry(entry, view);
      if (view.count !== 0) return true;
      if (isLastEntry(size)) return false;
      entry = nextEntry(entry, size);
    }
  }

  private openEntry(entry: number, view: RRsetView): void {
    const words = this.words;
    const size = words[entry + 1] as number;
    if ((size & (ENTRY_LIVE << ENTRY_FLAGS_SHIFT)) === 0) {
      view.open(words, this.bytes, entry);
    } else {
      this.openSlot(size & ENTRY_SIZE_MASK, view);
      view.type = (words[entry] as number) & 0xffff;
    }
  }

  /** Opens the variant that a slot's picker chooses now. */
  private openSlot(slot: number, view: RRsetView): void {
    const words = this.slotWords;
    const at = SLOTS_DIRECTORY + slot * SLOT_WORDS;
    // No atomic read. `enter` has put it behind the epoch's; whatever is read next is found through this
    // word, so that nothing of it is read sooner; and an aligned word is never seen in part.
    const state = words[at + SLOT_STATE] as number;
    view.slot = slot;
    view.era = 0;
    view.variant = 0;
    if (state === 0) {
      view.count = 0;
      view.flags = 0;
      view.length = 0;
      return;
    }
    const half = words[at + SLOT_HALVES + (state & 1)] as number;
    const head = words[half + HALF_HEAD] as number;
    const variant = (head & 0xff) === PICK_FIRST ? 0 : this.pick(half, head);
    view.open(words, this.slotBytes, half + (words[half + HALF_VARIANTS + variant] as number));
    view.slot = slot;
    view.era = words[half + HALF_ERA] as number;
    view.variant = variant;
    view.negativeTtl = words[half + HALF_NEGATIVE_TTL] as number;
  }

  private pick(half: number, head: number): number {
    const words = this.slotWords;
    const picker = head & 0xff;
    const variants = head >>> 8;
    if (picker === PICK_ROTATE) {
      this.turn = (this.turn + 1) & 0x3fff_ffff;
      return this.turn % variants;
    }
    const table = half + (words[half + HALF_TABLE] as number);
    if (picker === PICK_ALIAS) {
      this.draw = nextDraw(this.draw);
      return pickByAlias(words, table, variants, this.draw);
    }
    const { asker } = this;
    const client = picker === PICK_RENDEZVOUS ? asker.sourceHash() : asker.subnetHash();
    return pickByRendezvous(words, table, variants, client);
  }
}
