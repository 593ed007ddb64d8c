// The zone: every record of one origin, immutable, as packed bytes with an index.
//
// An edited zone shares its base's arena and keeps only the owners that differ, in layers of
// falling size: an edit costs what it changes, and a lookup meets few layers. When the layers have
// grown large against the base they are folded into a new arena.

import { assert, present } from "../base/assert.ts";
import { type Name, nameFromKey, nameKey } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import { Arena, type EntryAt, type SharedArena } from "./arena.ts";
import type { RRsetChange } from "./change.ts";
import { joinOctets, packRRsets, unpackRRsets } from "./pack.ts";
import type { RRset, RRsetKey } from "./rrset.ts";
import { readSoa } from "./soa.ts";
import { type ChangesByPlace, ZoneWalk } from "./walk.ts";

/** Layers are folded when they hold more owners than this, or than a quarter of the base if larger. */
const FOLD_OWNERS_MIN = 1024;

/** The owners one or more edits changed, with everything they hold since then. */
type Layer = ReadonlyMap<string, readonly RRset[]>;

/** A zone on its way to another thread. Structured-clonable; its base is shared, not copied. */
export interface SharedZone {
  readonly origin: Name;
  readonly recordCount: number;
  readonly rrsetCount: number;
  readonly base: SharedArena;
  /** All that changed owners hold, packed; an entry without records for one that holds nothing. */
  readonly changed: Uint8Array;
}

/**
 * All RRsets of a zone. Has exactly one SOA RRset, at the origin; what else makes a zone sound is
 * `checkZone`'s to say.
 */
export class Zone {
  readonly origin: Name;
  readonly soa: RRset;
  readonly recordCount: number;
  readonly rrsetCount: number;
  readonly #base: Arena;
  /** Newest first; each at most half as large as the one behind it. */
  readonly #layers: readonly Layer[];

  private constructor(
    origin: Name,
    content: { base: Arena; layers: readonly Layer[]; rrsetCount: number; recordCount: number },
  ) {
    this.origin = origin;
    this.#base = content.base;
    this.#layers = content.layers;
    this.rrsetCount = content.rrsetCount;
    this.recordCount = content.recordCount;
    this.soa = present(this.get(origin, TYPE.SOA), "a zone with an SOA at its origin");
  }

  /** A zone of a finished arena, which nobody may write any more. Its SOA must be there. */
  static over(origin: Name, base: Arena): Zone {
    let recordCount = 0;
    for (let at = 0; at < base.end; at = base.next(at)) recordCount += base.countAt(at);
    return new Zone(origin, { base, layers: [], rrsetCount: base.rrsetCount, recordCount });
  }

  /**
   * A zone of packed RRsets, each owner and type once. Takes `packed` over: it is read from then on
   * and must not be written or transferred away.
   *
   * @throws PackError
   */
  static unpack(origin: Name, packed: Uint8Array): Zone {
    return Zone.over(origin, Arena.over(packed));
  }

  /** The SOA's serial. */
  get serial(): number {
    return readSoa(present(this.soa.rdatas[0], "an SOA RRset with a record")).serial;
  }

  /** Owners, at most, that edits have changed since the base was made. */
  get changedOwners(): number {
    return this.#layers.reduce((sum, layer) => sum + layer.size, 0);
  }

  /** Octets of memory that the base and its index take. */
  get memoryOctets(): number {
    return this.#base.memoryOctets;
  }

  /** One RRset; owner and rdatas share the zone's memory and must not be written. */
  get(owner: Name, type: number): RRset | undefined {
    const changed = this.#changedAt(owner);
    if (changed !== undefined) return changed.find((rrset) => rrset.type === type);
    const at = this.#base.find(owner, type);
    return at < 0 ? undefined : this.#base.read(at);
  }

  /** Everything an owner holds, in the order it was written; empty where it holds nothing. */
  rrsetsAt(owner: Name): readonly RRset[] {
    return this.#changedAt(owner) ?? this.#base.findAll(owner).map((at) => this.#base.read(at));
  }

  /** Whether there is such an RRset; cheaper than `get`. */
  holds(owner: Name, type: number): boolean {
    const changed = this.#changedAt(owner);
    if (changed !== undefined) return changed.some((rrset) => rrset.type === type);
    return this.#base.find(owner, type) >= 0;
  }

  /** Whether the owner holds records itself; an empty non-terminal does not. */
  has(owner: Name): boolean {
    const changed = this.#changedAt(owner);
    return changed === undefined ? this.#base.findOwner(owner) >= 0 : changed.length > 0;
  }

  /** Every RRset in the order they were written, the SOA first, edits' new RRsets last. */
  *rrsets(): IterableIterator<RRset> {
    for (const walk = this.walk(); !walk.isDone; walk.next()) yield walk.rrset;
  }

  /** Owner and type of every RRset, in the order of `rrsets`; cheaper, as nothing else is read. */
  *keys(): IterableIterator<RRsetKey> {
    for (const walk = this.walk(); !walk.isDone; walk.next()) {
      yield { owner: walk.owner, type: walk.type };
    }
  }

  /** A cursor over `rrsets` that makes no objects where none are asked for. */
  walk(): ZoneWalk {
    const { origin, soa } = this;
    return new ZoneWalk({ origin, soa, base: this.#base, changes: this.#changesByPlace() });
  }

  /** How many RRsets there are of each type. */
  typeCounts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    const count = (type: number, by: number): void => {
      counts.set(type, (counts.get(type) ?? 0) + by);
    };
    const base = this.#base;
    // Neighbours mostly have the same type: they are counted before they are added up.
    let run = { type: 0, length: 0 };
    for (let at = 0; at < base.end; at = base.next(at)) {
      const type = base.typeAt(at);
      if (type !== run.type) {
        if (run.length > 0) count(run.type, run.length);
        run = { type, length: 0 };
      }
      run.length++;
    }
    if (run.length > 0) count(run.type, run.length);
    const { inPlace, added } = this.#changesByPlace();
    for (const [at, place] of inPlace) if (place === "deleted") count(base.typeAt(at), -1);
    for (const { type } of added) count(type, 1);
    return counts;
  }

  /** Every owner that holds records, once. */
  *owners(): IterableIterator<Name> {
    const base = this.#base;
    const changed = this.#changed();
    const hidden = new Set<EntryAt>();
    for (const key of changed.keys()) hidden.add(base.findOwner(nameFromKey(key)));
    for (let at = 0; at < base.end; at = base.next(at)) {
      const owner = base.ownerAt(at);
      if (base.findOwner(owner) === at && !hidden.has(at)) yield owner;
    }
    for (const [first] of changed.values()) if (first !== undefined) yield first.owner;
  }

  /**
   * The zone with some RRsets replaced, added or deleted; costs what is changed, not what the zone
   * holds. A changed RRset keeps its place in the written order. Deleting the SOA is a defect.
   */
  with(changes: readonly RRsetChange[]): Zone {
    if (changes.length === 0) return this;
    const layer = new Map<string, readonly RRset[]>();
    let rrsetCount = this.rrsetCount;
    let recordCount = this.recordCount;
    for (const change of changes) {
      const key = nameKey(change.owner);
      const held = layer.get(key) ?? this.rrsetsAt(change.owner);
      const old = held.find((rrset) => rrset.type === change.type);
      layer.set(key, applied(held, change));
      rrsetCount += (change.rrset === undefined ? 0 : 1) - (old === undefined ? 0 : 1);
      recordCount += (change.rrset?.rdatas.length ?? 0) - (old?.rdatas.length ?? 0);
    }
    const layers = merged(layer, this.#layers);
    const zone = new Zone(this.origin, { base: this.#base, layers, rrsetCount, recordCount });
    return zone.#isFoldDue() ? zone.folded() : zone;
  }

  /** The same zone in one arena of its own. */
  folded(): Zone {
    const base = new Arena();
    for (const rrset of this.rrsets()) base.append(rrset);
    base.finish();
    return Zone.over(this.origin, base);
  }

  /** All RRsets in the pack format, SOA first, in a fresh buffer that may be transferred. */
  pack(): Uint8Array {
    const packed = this.packed();
    return packed.buffer === this.#base.bytes.buffer ? packed.slice() : packed;
  }

  /** Like `pack`; the zone's own memory where that is in this form, so that nobody may write it. */
  packed(): Uint8Array {
    const base = this.#base;
    const isSoaFirst = base.find(this.origin, TYPE.SOA) === 0;
    if (!isSoaFirst) return packRRsets(this.rrsets());
    return this.#layers.length === 0 ? base.bytes : this.#packedSpans();
  }

  /**
   * The zone as another thread may have it without a copy of its base; what edits have changed is
   * copied. Of a zone that was built small, the base moves to shared memory here.
   */
  share(): SharedZone {
    const { origin, recordCount, rrsetCount } = this;
    const changed: RRset[] = [];
    for (const [key, rrsets] of this.#changed()) {
      if (rrsets.length === 0) changed.push(nothingAt(nameFromKey(key)));
      for (const rrset of rrsets) changed.push(rrset);
    }
    const base = this.#base.share();
    return { origin, recordCount, rrsetCount, base, changed: packRRsets(changed) };
  }

  /** The zone that another thread has shared. */
  static fromShared(shared: SharedZone): Zone {
    const { origin, recordCount, rrsetCount } = shared;
    const layer = new Map<string, readonly RRset[]>();
    for (const rrset of unpackRRsets(shared.changed)) {
      const key = nameKey(rrset.owner);
      const held = layer.get(key) ?? [];
      layer.set(key, rrset.rdatas.length === 0 ? held : [...held, rrset]);
    }
    const base = Arena.fromShared(shared.base);
    const layers = layer.size === 0 ? [] : [layer];
    return new Zone(origin, { base, layers, rrsetCount, recordCount });
  }

  /** Copies what lies between the changed places as it is: packing costs no look at each RRset. */
  #packedSpans(): Uint8Array {
    const base = this.#base;
    const bytes = base.bytes;
    const { inPlace, added } = this.#changesByPlace();
    const spans: Uint8Array[] = [];
    let copied = 0;
    for (const at of [...inPlace.keys()].sort((a, b) => a - b)) {
      spans.push(bytes.subarray(copied, at));
      const place = inPlace.get(at);
      if (typeof place === "object") spans.push(packRRsets([place]));
      copied = base.next(at);
    }
    spans.push(bytes.subarray(copied), packRRsets(added));
    return joinOctets(spans);
  }

  /** The layers as changes of base entries, and as what the base has no place for. */
  #changesByPlace(): ChangesByPlace {
    const base = this.#base;
    const inPlace = new Map<EntryAt, RRset | "deleted">();
    const added: RRset[] = [];
    for (const [key, rrsets] of this.#changed()) {
      const owner = nameFromKey(key);
      for (const at of base.findAll(owner)) inPlace.set(at, "deleted");
      for (const rrset of rrsets) {
        const at = base.find(owner, rrset.type);
        if (at < 0) added.push(rrset);
        else inPlace.set(at, rrset);
      }
    }
    return { inPlace, added };
  }

  #changedAt(owner: Name): readonly RRset[] | undefined {
    if (this.#layers.length === 0) return undefined;
    const key = nameKey(owner);
    for (const layer of this.#layers) {
      const rrsets = layer.get(key);
      if (rrsets !== undefined) return rrsets;
    }
    return undefined;
  }

  /** All layers as one, the oldest change first. */
  #changed(): Layer {
    const [only, ...others] = this.#layers;
    if (only === undefined) return new Map();
    return others.length === 0 ? only : joined([...this.#layers].reverse());
  }

  #isFoldDue(): boolean {
    return this.changedOwners > Math.max(FOLD_OWNERS_MIN, this.#base.rrsetCount / 4);
  }
}

/** `held` after one change: replaced in place, appended, or taken out. */
function applied(held: readonly RRset[], change: RRsetChange): readonly RRset[] {
  const { rrset } = change;
  if (rrset === undefined) return held.filter((one) => one.type !== change.type);
  assert(rrset.type === change.type && rrset.rdatas.length > 0, "a change that fits its RRset");
  return isHeld(held, change)
    ? held.map((one) => (one.type === change.type ? rrset : one))
    : [...held, rrset];
}

/** Says in the pack format that an owner holds nothing. */
function nothingAt(owner: Name): RRset {
  return { owner, type: TYPE.SOA, ttl: 0, rdatas: [] };
}

function isHeld(held: readonly RRset[], key: RRsetKey): boolean {
  return held.some((rrset) => rrset.type === key.type);
}

/** `newest` before `layers`, joined with those that are not at least twice its size. */
function merged(newest: Layer, layers: readonly Layer[]): readonly Layer[] {
  let front = newest;
  let taken = 0;
  for (const layer of layers) {
    if (layer.size >= front.size * 2) break;
    front = joined([layer, front]);
    taken++;
  }
  return [front, ...layers.slice(taken)];
}

function joined(oldestFirst: readonly Layer[]): Layer {
  const all = new Map<string, readonly RRset[]>();
  for (const layer of oldestFirst) for (const [key, rrsets] of layer) all.set(key, rrsets);
  return all;
}
