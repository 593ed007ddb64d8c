// The aliases that were followed for one question: what ends loops and chains, and makes the names
// that a DNAME stands for.

import { NAME_OCTETS_MAX } from "../dns/name.ts";
import { RECORD_HEAD_OCTETS } from "../image/layout.ts";
import type { RRsetView } from "../image/rrset-view.ts";
import { copyOctets } from "./octets.ts";

/** Aliases followed for one question; what lies behind the last one is the asker's to find. */
const ALIASES_MAX = 12;

/** One thread's trail; cleared for each question. */
export class AliasTrail {
  /** Aliases followed so far. */
  length = 0;
  private readonly nodes = new Int32Array(ALIASES_MAX);
  private readonly hashes = new Int32Array(ALIASES_MAX);
  /** Two names in turns: the next one is made from the one before. */
  private readonly even = new Uint8Array(NAME_OCTETS_MAX + 1);
  private readonly odd = new Uint8Array(NAME_OCTETS_MAX + 1);
  private isOdd = false;

  clear(): void {
    this.length = 0;
  }

  /** Whether an alias of this node was followed, under whatever name. */
  has(node: number): boolean {
    for (let i = 0; i < this.length; i++) if (this.nodes[i] === node) return true;
    return false;
  }

  /**
   * Notes an alias by its node and its name's hash; false where it was followed before, or too
   * many.
   */
  add(node: number, hash: number): boolean {
    for (let i = 0; i < this.length; i++) {
      if (this.nodes[i] === node && this.hashes[i] === hash) return false;
    }
    if (this.length === ALIASES_MAX) return false;
    this.nodes[this.length] = node;
    this.hashes[this.length] = hash;
    this.length++;
    return true;
  }

  /**
   * The name at `at` in `name` with all but its first `prefix` octets exchanged for the target of a
   * DNAME (RFC 6672 section 2.2); `undefined` where it gets too long.
   */
  substitute(
    name: Uint8Array,
    at: number,
    prefix: number,
    dname: RRsetView,
  ): Uint8Array | undefined {
    const from = dname.at + RECORD_HEAD_OCTETS;
    const size = (dname.bytes[from - 2] as number) * 256 + (dname.bytes[from - 1] as number);
    if (prefix + size > NAME_OCTETS_MAX) return undefined;
    const made = this.isOdd ? this.odd : this.even;
    copyOctets(name, at, prefix, made, 0);
    copyOctets(dname.bytes, from, size, made, prefix);
    this.isOdd = !this.isOdd;
    return made;
  }
}
