// Steps through a zone's RRsets in the order they were written, without making objects of them:
// most steps of a comparison only look whether two entries have the same octets.

import { equalNames, isAtOrBelow, type Name } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import type { Arena, EntryAt } from "./arena.ts";
import { packRRsets } from "./pack.ts";
import type { RRset } from "./rrset.ts";

/** What edits have made of a base: its changed entries, and what it has no place for. */
export interface ChangesByPlace {
  readonly inPlace: ReadonlyMap<EntryAt, RRset | "deleted">;
  readonly added: readonly RRset[];
}

/** Entries of the pack format that lie one behind the other. */
export interface PackedRun {
  /** Not to be written. */
  readonly bytes: Uint8Array;
  /** Where the first begins, or what is left of it. */
  at: number;
  /** Where the last ends. */
  readonly end: number;
}

/** An RRset alone, packed. */
export function packedRun(rrset: RRset): PackedRun {
  const bytes = packRRsets([rrset]);
  return { bytes, at: 0, end: bytes.length };
}

/** A cursor: first the SOA, then the base with its changed entries, then what was added. */
export class ZoneWalk {
  readonly #origin: Name;
  readonly #soa: RRset;
  readonly #base: Arena;
  readonly #bytes: Uint8Array;
  readonly #changes: ChangesByPlace;
  /** -1 while the walk stands at the SOA, the base's end while it stands in what was added. */
  #at: EntryAt = -1;
  #added = 0;
  /** What an edit has put where the walk stands. */
  #changed: RRset | undefined;
  /** Where runs end in the base, in its order; made for the first run. */
  #breaks: Float64Array | undefined;
  #nextBreak = 0;

  constructor(zone: { origin: Name; soa: RRset; base: Arena; changes: ChangesByPlace }) {
    this.#origin = zone.origin;
    this.#soa = zone.soa;
    this.#base = zone.base;
    this.#bytes = zone.base.bytes;
    this.#changes = zone.changes;
  }

  get isDone(): boolean {
    return this.#at >= this.#base.end && this.#added >= this.#changes.added.length;
  }

  /** The RRset that the walk stands at; not at its end. */
  get rrset(): RRset {
    if (this.#at < 0) return this.#soa;
    if (this.#at >= this.#base.end) return this.#changes.added[this.#added] ?? this.#soa;
    return this.#changed ?? this.#base.read(this.#at);
  }

  /** Owner of the RRset that the walk stands at. */
  get owner(): Name {
    const isPlain = this.#isPlain;
    return isPlain ? this.#base.ownerAt(this.#at) : this.rrset.owner;
  }

  get type(): number {
    return this.#isPlain ? this.#base.typeAt(this.#at) : this.rrset.type;
  }

  /**
   * Where the RRset lies packed, with all that follow it in the same memory; goes on behind them.
   * They lie in the zone's memory; what edits have put comes alone, in a copy.
   */
  takeRun(): PackedRun {
    if (this.#isPlain) {
      const at = this.#at;
      const end = this.#runEnd();
      this.#at = end;
      this.#settle();
      return { bytes: this.#bytes, at, end };
    }
    const run = packedRun(this.rrset);
    this.next();
    return run;
  }

  /** Whether the owner is `name` or lies below it. */
  isOwnerAtOrBelow(name: Name): boolean {
    if (this.#isPlain) return this.#base.isOwnerAtOrBelow(this.#at, name);
    return isAtOrBelow(this.rrset.owner, name);
  }

  /** Whether both walks stand at the same octets; "no" may also mean that it is not that simple. */
  isSameEntry(other: ZoneWalk): boolean {
    if (!this.#isPlain || !other.#isPlain) return false;
    return this.#base.isSameEntry(this.#at, other.#base, other.#at);
  }

  next(): void {
    if (this.#at >= this.#base.end) this.#added++;
    else this.#at = this.#at < 0 ? 0 : this.#base.next(this.#at);
    this.#settle();
  }

  /** Goes on to the next RRset that is the zone's, if it does not stand at one. */
  #settle(): void {
    this.#skipHidden();
    const { added } = this.#changes;
    if (this.#at < this.#base.end) return;
    for (let one = added[this.#added]; one !== undefined; one = added[++this.#added]) {
      if (!this.#isApexSoa(one)) break;
    }
  }

  /** Whether the walk stands at an entry of the base that no edit has changed. */
  get #isPlain(): boolean {
    return this.#at >= 0 && this.#at < this.#base.end && this.#changed === undefined;
  }

  /** The first place behind the walk's that an edit has changed, or that holds the SOA. */
  #runEnd(): EntryAt {
    this.#breaks ??= this.#sortedBreaks();
    const breaks = this.#breaks;
    while ((breaks[this.#nextBreak] ?? Infinity) <= this.#at) this.#nextBreak++;
    return breaks[this.#nextBreak] ?? this.#base.end;
  }

  #sortedBreaks(): Float64Array {
    const soaAt = this.#base.find(this.#origin, TYPE.SOA);
    // The native sort of numbers: an edited zone may have a quarter of a million such places.
    return Float64Array.from([...this.#changes.inPlace.keys(), soaAt]).sort();
  }

  #skipHidden(): void {
    const { inPlace } = this.#changes;
    for (; this.#at < this.#base.end; this.#at = this.#base.next(this.#at)) {
      const change = inPlace.size === 0 ? undefined : inPlace.get(this.#at);
      this.#changed = change === "deleted" ? undefined : change;
      const isSoa = this.#base.typeAt(this.#at) === TYPE.SOA;
      if (change === "deleted" || (isSoa && this.#base.isOwner(this.#at, this.#origin))) continue;
      return;
    }
    this.#changed = undefined;
  }

  #isApexSoa(rrset: RRset): boolean {
    return rrset.type === TYPE.SOA && equalNames(rrset.owner, this.#origin);
  }
}
