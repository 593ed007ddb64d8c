// The edits made since the base was compiled: a few nodes that are looked at before it.
//
// An edit writes its nodes where no reader looks, copies the index into the spare region, puts them
// in, and shows all of it by one store of the root. What it replaced may be rewritten one edit
// later, after the readers have moved on. An overlay that answers "full" stays so until the next
// base.

import { lastEntryEnd } from "./entries.ts";
import type { Grace } from "./grace.ts";
import {
  BASE_INDEX,
  BASE_INDEX_MASK,
  BASE_OFFSET_BITS,
  entriesOffset,
  NODE_DELETED,
  NODE_EMPTY,
  OVERLAY_INDEX_MASK,
  OVERLAY_OFFSET_BITS,
  OVERLAY_ROOT,
  REGION_HEAD_WORDS,
} from "./layout.ts";
import type { ImageSet } from "./memory.ts";
import type { NameBuffer } from "./name-buffer.ts";
import { type Memory, type NodeHead, nodeWords, writeNodeHead } from "./node-writer.ts";
import { regionAt, usedOverlay, wordsOfNode } from "./overlay-copy.ts";
import { place, probe } from "./probe.ts";

const GENERATION_MASK = 0x3fff_ffff;

/** A node and the memory it lies in. */
export interface FoundNode {
  readonly memory: Memory;
  readonly at: number;
}

/** Thrown inside an edit when heap or index are used up; never leaves the image room. */
export class OverlayFull extends Error {}

/** The overlay of one set, as its writer sees it. */
export class Overlay {
  private readonly grace: Grace;
  private readonly base: Memory;
  private readonly own: Memory;
  private readonly mask: number;
  private readonly offsetBits: number;
  private heapEnd: number;
  private names: number;
  private generation: number;
  /** Region of the edit at work. */
  private region = 0;
  private ticket = 0;
  /** Nodes that this edit replaced, and those that may be written over, by their words. */
  private replaced: number[] = [];
  private readonly free = new Map<number, number[]>();

  constructor(set: ImageSet, grace: Grace) {
    this.grace = grace;
    this.base = memoryOf(set.base);
    this.own = memoryOf(set.overlay);
    this.mask = this.own.words[OVERLAY_INDEX_MASK] ?? 1;
    this.offsetBits = this.own.words[OVERLAY_OFFSET_BITS] ?? 1;
    // A set that was copied from another process may show edits already.
    const { heapEnd, names, root } = usedOverlay(this.own.words);
    this.heapEnd = heapEnd;
    this.names = names;
    this.generation = root >>> 1;
  }

  /** Starts an edit: the spare region becomes a copy of the one that is shown. */
  begin(): void {
    this.grace.wait(this.ticket);
    for (const node of this.replaced.splice(0)) this.release(node);
    const { words } = this.own;
    const from = regionAt(this.own.words, this.generation & 1);
    this.region = 1 - (this.generation & 1);
    const to = regionAt(this.own.words, this.region);
    if (this.generation > 0) words.copyWithin(to, from, from + REGION_HEAD_WORDS + this.mask + 1);
  }

  /** Shows everything since `begin` at once. */
  publish(): void {
    // The root's lowest bit is the region, so that generations take turns with it.
    this.generation++;
    const root = ((this.generation & GENERATION_MASK) << 1) | this.region;
    Atomics.store(this.own.words, OVERLAY_ROOT, root);
    this.ticket = this.grace.retire();
  }

  /** How much of the index or the heap is used, whichever is more: 0 to 1. */
  get usedShare(): number {
    return Math.max((this.names * 2) / (this.mask + 1), this.heapEnd / this.own.words.length);
  }

  /** Whether a node is the overlay's; those of the base are never written. */
  isOwn(node: FoundNode): boolean {
    return node.memory === this.own;
  }

  /** The node of a name's last `length` octets as this edit has it; deleted ones are not there. */
  find(name: NameBuffer, length: number, hash: number): FoundNode | undefined {
    const own = this.findOwn(name, length, hash);
    if (own !== 0) {
      const isDeleted = ((this.own.words[own + 1] ?? 0) & NODE_DELETED) !== 0;
      return isDeleted ? undefined : { memory: this.own, at: own };
    }
    const { words } = this.base;
    const mask = words[BASE_INDEX_MASK] ?? 0;
    const bits = words[BASE_OFFSET_BITS] ?? 1;
    const at = probe(words, BASE_INDEX, mask, bits, name, length, hash);
    return at === 0 ? undefined : { memory: this.base, at };
  }

  /**
   * Puts in a node with entries of `entryWords` words, which `write` fills in from the word it is
   * given; none when that is 0.
   *
   * @throws OverlayFull
   */
  put(
    name: NameBuffer,
    length: number,
    head: NodeHead,
    entries: { readonly words: number; readonly write: (memory: Memory, at: number) => void },
  ): void {
    const at = this.take(nodeWords(length, head.children, entries.words));
    const start = writeNodeHead(this.own.words, at, head, name, length);
    if (entries.words > 0) entries.write(this.own, start);
    const replaces = this.findOwn(name, length, head.hash);
    if (replaces === 0 && ++this.names * 2 > this.mask + 1) throw new OverlayFull();
    if (replaces !== 0) this.replaced.push(replaces);
    const index = regionAt(this.own.words, this.region) + REGION_HEAD_WORDS;
    place(this.own.words, index, this.mask, this.offsetBits, {
      hash: head.hash,
      node: at,
      replaces,
    });
  }

  /** Puts in a node with another head and the same entries. */
  putAgain(name: NameBuffer, length: number, head: NodeHead, node: FoundNode): void {
    const { words } = node.memory;
    const second = words[node.at + 1] ?? 0;
    const start = node.at + entriesOffset(second);
    const end = (second & NODE_EMPTY) !== 0 ? start : lastEntryEnd(words, start);
    this.put(name, length, head, {
      words: end - start,
      write: (memory, at) => memory.words.set(words.subarray(start, end), at),
    });
  }

  /** Notes that a name with so many labels is in the overlay. */
  noteLabels(labels: number): void {
    const at = regionAt(this.own.words, this.region);
    this.own.words[at] = Math.max(this.own.words[at] ?? 0, labels);
  }

  private findOwn(name: NameBuffer, length: number, hash: number): number {
    const index = regionAt(this.own.words, this.region) + REGION_HEAD_WORDS;
    return probe(this.own.words, index, this.mask, this.offsetBits, name, length, hash);
  }

  private take(words: number): number {
    const free = this.free.get(words)?.pop();
    if (free !== undefined) return free;
    if (this.heapEnd + words > this.own.words.length) throw new OverlayFull();
    const at = this.heapEnd;
    this.heapEnd += words;
    return at;
  }

  private release(node: number): void {
    const size = wordsOfNode(this.own.words, node);
    const free = this.free.get(size);
    if (free === undefined) this.free.set(size, [node]);
    else free.push(node);
  }
}

function memoryOf(buffer: SharedArrayBuffer): Memory {
  return { words: new Int32Array(buffer), bytes: new Uint8Array(buffer) };
}
