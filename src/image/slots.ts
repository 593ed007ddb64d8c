// Live slots as the writer sees them: which slot belongs to whom, and how an answer becomes
// visible.
//
// A slot has two halves. A publish renders into the half that no reader may be in, and shows it by
// one store of the slot's state. Slots outlive bases and control threads: their keys lie beside
// them.

import { assert } from "../base/assert.ts";
import { type Name, nameKey } from "../dns/name.ts";
import { packRRsets } from "../zone/pack.ts";
import { Blocks, type UsedBlock } from "./blocks.ts";
import type { Grace } from "./grace.ts";
import {
  HALF_ERA,
  HALF_HEAD,
  HALF_NEGATIVE_TTL,
  HALF_TABLE,
  HALF_VARIANTS,
  NEGATIVE_TTL_NONE,
  PICK_ALIAS,
  PICK_FIRST,
  PICK_RENDEZVOUS,
  PICK_RENDEZVOUS_SUBNET,
  PICK_ROTATE,
  SLOT_HALF_WORDS,
  SLOT_HALVES,
  SLOT_KEY,
  SLOT_KEY_WORDS,
  SLOT_STATE,
  SLOT_WORDS,
  SLOTS_COUNT,
  SLOTS_DIRECTORY,
  SLOTS_ERA,
  SLOTS_HEAP,
  SLOTS_USED,
  VARIANTS_MAX,
} from "./layout.ts";
import { ImageError } from "./memory.ts";
import { entryWords, type Memory, writeEntry } from "./node-writer.ts";
import { aliasTable, rendezvousTable } from "./pickers.ts";

/**
 * Which variant an answer gets: always the first, each in turn, by weight, or by the prefix of who
 * asks (with "rendezvous-subnet" of the client that a resolver names, RFC 7871).
 */
export type Picker = "first" | "rotate" | "alias" | "rendezvous" | "rendezvous-subnet";

/** What a live slot answers. */
export interface SlotAnswer {
  readonly picker: Picker;
  /** For "alias": one for each variant, whole numbers of 1 and more. */
  readonly weights?: readonly number[];
  /** Seconds. */
  readonly ttl: number;
  /** 1 to 64 choices, each the data of one RRset; an empty one is answered NODATA. */
  readonly variants: readonly (readonly Uint8Array[])[];
  /** The longest a NODATA answer may live, seconds; default: as the zone's SOA says. */
  readonly negativeTtl?: number;
  /** The records are those of the last publish, only their TTL may differ: its era goes on. */
  readonly isSame?: boolean;
}

const PICKERS: Readonly<Record<Picker, number>> = {
  first: PICK_FIRST,
  rotate: PICK_ROTATE,
  alias: PICK_ALIAS,
  rendezvous: PICK_RENDEZVOUS,
  "rendezvous-subnet": PICK_RENDEZVOUS_SUBNET,
};
const NO_TABLE = new Int32Array(0);
const GENERATION_MASK = 0x3fff_ffff;
const ERA_MASK = 0x7fff_ffff;

/** All slots of an image. */
export class Slots {
  private readonly memory: Memory;
  private readonly grace: Grace;
  private readonly blocks: Blocks;
  private readonly byKey = new Map<string, number>();
  /** Slots that someone asked for and has not given back. */
  private readonly held = new Set<number>();
  private readonly free: number[] = [];
  /** Unused since the set `id`: free once every reader has adopted it. */
  private leaving: { readonly id: number; readonly slots: readonly number[] } | undefined;
  /** What was rendered last. */
  private last:
    | { readonly type: number; readonly answer: SlotAnswer; readonly words: Int32Array }
    | undefined;
  /** By slot: the ticket of its last publish. */
  private readonly tickets: Float64Array;

  constructor(slots: SharedArrayBuffer, grace: Grace) {
    this.memory = { words: new Int32Array(slots), bytes: new Uint8Array(slots) };
    this.grace = grace;
    const { words } = this.memory;
    const count = words[SLOTS_COUNT] ?? 0;
    // A predecessor may have published just now: nothing is known to be unread.
    this.tickets = new Float64Array(count).fill(grace.retire());
    const used: UsedBlock[] = [];
    for (let slot = count - 1; slot >= 0; slot--) {
      if (this.word(slot, SLOT_KEY) === 0) this.free.push(slot);
      else this.byKey.set(this.keyOf(slot), slot);
      used.push(...this.blocksOf(slot));
    }
    this.blocks = new Blocks(words[SLOTS_HEAP] ?? 0, words.length, used);
    this.countUsed();
  }

  /**
   * The slot of an owner and type; a new one where it has none yet.
   *
   * @throws ImageError IMAGE_SLOTS_FULL
   */
  slotFor(owner: Name, type: number): number {
    const key = slotKey(owner, type);
    const known = this.byKey.get(key);
    if (known !== undefined) {
      this.held.add(known);
      return known;
    }
    this.reclaim();
    const slot = this.free.pop();
    if (slot === undefined) throw full("every slot is in use");
    this.writeKey(slot, owner, type);
    this.byKey.set(key, slot);
    this.held.add(slot);
    this.countUsed();
    return slot;
  }

  /** Whether a slot was ever published; until then it has nothing to answer. */
  isPublished(slot: number): boolean {
    return this.word(slot, SLOT_STATE) !== 0;
  }

  /**
   * Shows a new answer: every query that begins later gets it, none gets a mixture.
   *
   * @throws ImageError IMAGE_SLOTS_FULL, or IMAGE_READER_STUCK as `Grace.wait` says; the old answer
   *   then stays.
   */
  publish(slot: number, answer: SlotAnswer): void {
    const { words } = this.memory;
    const at = SLOTS_DIRECTORY + slot * SLOT_WORDS;
    const key = this.word(slot, SLOT_KEY);
    assert(key !== 0, "a publish to a slot that someone was given");
    const rendered = this.rendered((words[key] ?? 0) >>> 16, answer);
    const state = words[at + SLOT_STATE] ?? 0;
    const half = state === 0 ? 0 : 1 - (state & 1);
    const era = answer.isSame === true ? this.eraOf(slot) : 0;
    this.grace.wait(this.tickets[slot] ?? 0);
    const start = this.blockFor(at, half, rendered.length);
    // So few words that the engine's own copy costs more to start than this.
    for (let i = 0; i < rendered.length; i++) words[start + i] = rendered[i] as number;
    words[start + HALF_ERA] = era || this.nextEra();
    const generation = ((state >>> 1) + 1) & GENERATION_MASK || 1;
    Atomics.store(words, at + SLOT_STATE, (generation << 1) | half);
    this.tickets[slot] = this.grace.retire();
  }

  /** The words of a half; ten thousand slots that are given one answer get a copy each. */
  private rendered(type: number, answer: SlotAnswer): Int32Array {
    const { last } = this;
    if (last?.type === type && isAlike(last.answer, answer)) return last.words;
    const words = renderHalf(type, answer);
    this.last = { type, answer, words };
    return words;
  }

  /** The era of what a slot answers now; 0 where it was never published. */
  eraOf(slot: number): number {
    const state = this.word(slot, SLOT_STATE);
    if (state === 0) return 0;
    return this.memory.words[this.word(slot, SLOT_HALVES + (state & 1)) + HALF_ERA] ?? 0;
  }

  /**
   * Gives a slot back. It answers on until a new base no longer names it and all readers use that.
   */
  giveBack(slot: number): void {
    this.held.delete(slot);
  }

  /** Tells that the set `id` is out and names these slots and no others. */
  setPublished(id: number, bound: ReadonlySet<number>): void {
    this.reclaim();
    const slots = [...this.byKey.values()].filter((slot) => {
      return !bound.has(slot) && !this.held.has(slot);
    });
    this.leaving = { id, slots };
  }

  /** Frees what no reader can meet any more. */
  private reclaim(): void {
    if (this.leaving === undefined || !this.grace.isAdopted(this.leaving.id)) return;
    for (const slot of this.leaving.slots) {
      if (this.held.has(slot)) continue;
      this.byKey.delete(this.keyOf(slot));
      for (const block of this.blocksOf(slot)) this.blocks.give(block);
      const at = SLOTS_DIRECTORY + slot * SLOT_WORDS;
      this.memory.words.fill(0, at, at + SLOT_WORDS);
      this.free.push(slot);
    }
    this.leaving = undefined;
    this.countUsed();
  }

  /** Readers go by it when they choose how to read; any number is right. */
  private countUsed(): void {
    this.memory.words[SLOTS_USED] = this.byKey.size;
  }

  /** The block of a half that nobody reads, exchanged for a larger one where it is too small. */
  private blockFor(at: number, half: number, size: number): number {
    const { words } = this.memory;
    const has = words[at + SLOT_HALF_WORDS + half] ?? 0;
    if (has >= size) return words[at + SLOT_HALVES + half] ?? 0;
    const block = this.blocks.take(size);
    if (block === undefined) throw full("the memory for answers is used up");
    if (has > 0) this.blocks.give({ at: words[at + SLOT_HALVES + half] ?? 0, words: has });
    words[at + SLOT_HALVES + half] = block.at;
    words[at + SLOT_HALF_WORDS + half] = block.words;
    return block.at;
  }

  private nextEra(): number {
    const { words } = this.memory;
    const era = ((words[SLOTS_ERA] ?? 0) + 1) & ERA_MASK || 1;
    words[SLOTS_ERA] = era;
    return era;
  }

  private writeKey(slot: number, owner: Name, type: number): void {
    const { words, bytes } = this.memory;
    const block = this.blocks.take(1 + ((owner.length + 3) >> 2));
    if (block === undefined) {
      this.free.push(slot);
      throw full("the memory for answers is used up");
    }
    words[block.at] = owner.length | (type << 16);
    bytes.set(owner, (block.at + 1) << 2);
    const at = SLOTS_DIRECTORY + slot * SLOT_WORDS;
    words[at + SLOT_KEY_WORDS] = block.words;
    words[at + SLOT_KEY] = block.at;
  }

  private keyOf(slot: number): string {
    const { words, bytes } = this.memory;
    const key = this.word(slot, SLOT_KEY);
    const head = words[key] ?? 0;
    const at = (key + 1) << 2;
    return slotKey(bytes.subarray(at, at + (head & 0xff)), head >>> 16);
  }

  private blocksOf(slot: number): UsedBlock[] {
    const blocks: UsedBlock[] = [];
    for (const half of [0, 1]) {
      const words = this.word(slot, SLOT_HALF_WORDS + half);
      if (words > 0) blocks.push({ at: this.word(slot, SLOT_HALVES + half), words });
    }
    const key = this.word(slot, SLOT_KEY);
    if (key !== 0) blocks.push({ at: key, words: this.word(slot, SLOT_KEY_WORDS) });
    return blocks;
  }

  private word(slot: number, field: number): number {
    return this.memory.words[SLOTS_DIRECTORY + slot * SLOT_WORDS + field] ?? 0;
  }
}

/** Whether two answers are made of the very same record data. */
function isAlike(a: SlotAnswer, b: SlotAnswer): boolean {
  if (a.ttl !== b.ttl || a.negativeTtl !== b.negativeTtl || a.picker !== b.picker) return false;
  if (a.weights !== b.weights || a.variants.length !== b.variants.length) return false;
  return a.variants.every((rdatas, i) => isSameData(rdatas, b.variants[i] ?? []));
}

function isSameData(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a === b || (a.length === b.length && a.every((rdata, i) => rdata === b[i]));
}

/** A half as `layout` draws it, without its era. */
function renderHalf(type: number, answer: SlotAnswer): Int32Array {
  const { variants, ttl } = answer;
  assert(variants.length >= 1 && variants.length <= VARIANTS_MAX, "1 to 64 variants");
  const table = tableOf(answer);
  const packed = variants.map((rdatas) => {
    return packRRsets([{ owner: Uint8Array.of(0), type, ttl, rdatas }]);
  });
  const tableAt = HALF_VARIANTS + variants.length;
  let size = tableAt + table.length;
  for (const variant of packed) size += entryWords(variant, 0);
  const words = new Int32Array(size);
  const bytes = new Uint8Array(words.buffer);
  words[HALF_HEAD] = PICKERS[answer.picker] | (variants.length << 8);
  words[HALF_NEGATIVE_TTL] = answer.negativeTtl ?? NEGATIVE_TTL_NONE;
  words[HALF_TABLE] = table.length === 0 ? 0 : tableAt;
  words.set(table, tableAt);
  let end = tableAt + table.length;
  for (const [i, variant] of packed.entries()) {
    words[HALF_VARIANTS + i] = end;
    end = writeEntry({ words, bytes }, end, variant, 0);
  }
  return words;
}

function tableOf({ picker, variants, weights = [] }: SlotAnswer): Int32Array {
  if (picker === "first" || picker === "rotate") return NO_TABLE;
  if (picker !== "alias") return rendezvousTable(variants);
  assert(weights.length === variants.length, "a weight for each variant");
  return aliasTable(weights);
}

function slotKey(owner: Name, type: number): string {
  return `${type} ${nameKey(owner)}`;
}

function full(why: string): ImageError {
  return new ImageError("IMAGE_SLOTS_FULL", `Cannot publish a live answer: ${why}`);
}
