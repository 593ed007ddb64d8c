// The names of a base while it is compiled: columns of numbers instead of a million objects, found
// by the same hash that the finished index uses.

import { lowerOctet } from "../dns/name.ts";
import { powerOfTwo } from "./memory.ts";
import type { NameBuffer } from "./name-buffer.ts";

/** Where a name's octets lie: in which source, from where, how many. */
export interface NamePlace {
  readonly source: number;
  readonly at: number;
  readonly length: number;
}

/** Columns that grow; a node is its row's number. */
export class NodeTable {
  count = 0;
  hash: Int32Array;
  source: Uint32Array;
  nameAt: Uint32Array;
  nameLength: Uint8Array;
  flags: Uint16Array;
  zone: Uint32Array;
  /** The node of the name one label shorter; its own number for an apex. */
  parent: Uint32Array;
  children: Uint32Array;
  /** Words of all entries. */
  words: Uint32Array;
  /** First and last entry of the node's list, plus one; 0 for none. */
  head: Uint32Array;
  tail: Uint32Array;
  private index: Uint32Array;
  private readonly sources: readonly Uint8Array[];

  constructor(sources: readonly Uint8Array[], expected: number) {
    const rows = Math.max(64, expected);
    this.sources = sources;
    this.hash = new Int32Array(rows);
    this.source = new Uint32Array(rows);
    this.nameAt = new Uint32Array(rows);
    this.nameLength = new Uint8Array(rows);
    this.flags = new Uint16Array(rows);
    this.zone = new Uint32Array(rows);
    this.parent = new Uint32Array(rows);
    this.children = new Uint32Array(rows);
    this.words = new Uint32Array(rows);
    this.head = new Uint32Array(rows);
    this.tail = new Uint32Array(rows);
    this.index = new Uint32Array(powerOfTwo(rows * 1.5));
  }

  /** The node of a name's last `length` octets, or -1. */
  find(name: NameBuffer, length: number, hash: number): number {
    const mask = this.index.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = (this.index[slot] as number) - 1;
      if (node < 0) return -1;
      if (this.hash[node] === hash && this.isName(node, name, length)) return node;
    }
  }

  /** Adds a node that is not there. */
  add(hash: number, place: NamePlace, zone: number, flags: number): number {
    if (this.count === this.hash.length) this.grow();
    const node = this.count++;
    this.hash[node] = hash;
    this.source[node] = place.source;
    this.nameAt[node] = place.at;
    this.nameLength[node] = place.length;
    this.zone[node] = zone;
    this.flags[node] = flags;
    this.parent[node] = node;
    if (this.count * 1.5 > this.index.length) this.reindex();
    else this.place(node);
    return node;
  }

  private place(node: number): void {
    const mask = this.index.length - 1;
    let slot = (this.hash[node] as number) & mask;
    while (this.index[slot] !== 0) slot = (slot + 1) & mask;
    this.index[slot] = node + 1;
  }

  private isName(node: number, name: NameBuffer, length: number): boolean {
    if (this.nameLength[node] !== length) return false;
    const source = this.sources[this.source[node] as number] as Uint8Array;
    const own = name.bytes;
    let at = this.nameAt[node] as number;
    for (let i = own.length - length; i < own.length; i++, at++) {
      if (own[i] !== lowerOctet(source[at] as number)) return false;
    }
    return true;
  }

  private reindex(): void {
    this.index = new Uint32Array(this.index.length * 2);
    for (let node = 0; node < this.count; node++) this.place(node);
  }

  private grow(): void {
    const rows = Math.ceil(this.hash.length * 1.5);
    this.hash = widened(this.hash, new Int32Array(rows));
    this.source = widened(this.source, new Uint32Array(rows));
    this.nameAt = widened(this.nameAt, new Uint32Array(rows));
    this.nameLength = widened(this.nameLength, new Uint8Array(rows));
    this.flags = widened(this.flags, new Uint16Array(rows));
    this.zone = widened(this.zone, new Uint32Array(rows));
    this.parent = widened(this.parent, new Uint32Array(rows));
    this.children = widened(this.children, new Uint32Array(rows));
    this.words = widened(this.words, new Uint32Array(rows));
    this.head = widened(this.head, new Uint32Array(rows));
    this.tail = widened(this.tail, new Uint32Array(rows));
  }
}

function widened<T extends Int32Array | Uint32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
