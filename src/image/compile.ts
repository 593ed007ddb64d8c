// Compiles zones into a base. Two passes: the first finds every name and what it holds, the second
// writes the nodes in the order their names first came.

import { assert } from "../base/assert.ts";
import type { Name } from "../dns/name.ts";
import { AT_TYPE, entryEnd, fieldsOf, packRRsets, readU16 } from "../zone/pack.ts";
import type { Zone } from "../zone/zone.ts";
import { isGlueType, isParentSideType, typeFlag } from "./kept-types.ts";
import {
  BASE_INDEX,
  BASE_LABELS_MAX,
  BASE_NODES,
  ENTRY_HEAD_WORDS,
  glueHash,
  MEMORY_OCTETS_MAX,
  NODE_APEX,
  NODE_CUT,
  NODE_DNAME,
  NODE_EMPTY,
  NODE_OCCLUDED,
  NODE_PARENT_SIDE,
  NODE_WILDCARD_CHILD,
  PARENT_SIDE_SALT,
} from "./layout.ts";
import { ImageError, offsetBitsFor, powerOfTwo, writeBaseHead } from "./memory.ts";
import { NameBuffer } from "./name-buffer.ts";
import { NodeTable } from "./node-table.ts";
import {
  endEntries,
  entryWords,
  type Memory,
  nodeWords,
  writeEntry,
  writeLiveEntry,
  writeNodeHead,
} from "./node-writer.ts";
import { place } from "./probe.ts";

/** A pool-bound RRset: its records are a live slot's, whatever the zone holds. */
export interface LiveBinding {
  readonly owner: Name;
  readonly type: number;
  readonly slot: number;
}

/** A zone to be served, with its live RRsets. */
export interface ImageZone {
  readonly zone: Zone;
  readonly live: readonly LiveBinding[];
}

/**
 * Compiles a whole new base.
 *
 * @throws ImageError IMAGE_TOO_LARGE where it would take 2 GiB or more.
 */
export function compileBase(zones: readonly ImageZone[]): SharedArrayBuffer {
  const compiler = new Compiler(zones);
  for (let zone = 0; zone < zones.length; zone++) compiler.addApex(zone);
  for (let zone = 0; zone < zones.length; zone++) compiler.addLive(zone);
  for (let zone = 0; zone < zones.length; zone++) compiler.addRecords(zone);
  compiler.markOccluded();
  return compiler.write();
}

class Compiler {
  private readonly zones: readonly ImageZone[];
  /** By zone: its packed RRsets, and behind all of those its packed live owners. */
  private readonly sources: readonly Uint8Array[];
  private readonly nodes: NodeTable;
  private readonly name = new NameBuffer();
  private readonly liveAt = new Map<number, LiveBinding[]>();
  /** By entry: where it is in its zone's source, and the next of its node, plus one. */
  private entryAt: Uint32Array;
  private entryNext: Uint32Array;
  private entries = 0;
  private labelsMax = 0;

  constructor(zones: readonly ImageZone[]) {
    this.zones = zones;
    let rrsets = 0;
    for (const { zone } of zones) rrsets += zone.rrsetCount;
    this.sources = [
      ...zones.map(({ zone }) => zone.packed()),
      ...zones.map(({ live }) => packRRsets(live.map(withoutRecords))),
    ];
    this.nodes = new NodeTable(this.sources, rrsets + 64);
    this.entryAt = new Uint32Array(rrsets + 1);
    this.entryNext = new Uint32Array(rrsets + 1);
  }

  /** Every apex is known before any other name: it decides which zone a name belongs to. */
  addApex(zone: number): void {
    const source = this.sources[zone] as Uint8Array;
    const { name } = this;
    // A packed zone starts with its SOA, so that its apex is the owner of its first entry.
    name.read(source, 1, source.length);
    assert(this.nodes.find(name, name.length, name.hash) < 0, "each zone served once");
    const at = { source: zone, at: 1, length: name.length };
    this.nodes.add(name.hash, at, zone, NODE_APEX);
    this.labelsMax = Math.max(this.labelsMax, name.labels);
  }

  addLive(zone: number): void {
    const number = zone + this.zones.length;
    const source = this.sources[number] as Uint8Array;
    for (const [i, at] of entryStarts(source).entries()) {
      const binding = this.zones[zone]?.live[i];
      const node = this.nodeAt(zone, number, at);
      if (binding === undefined || !this.isHeldAt(node, binding.type)) continue;
      const bindings = this.liveAt.get(node);
      if (bindings === undefined) this.liveAt.set(node, [binding]);
      else bindings.push(binding);
      this.hold(node, binding.type, ENTRY_HEAD_WORDS);
    }
  }

  addRecords(zone: number): void {
    const source = this.sources[zone] as Uint8Array;
    const hasLive = this.liveAt.size > 0;
    for (let at = 0; at < source.length; at = entryEnd(source, at)) {
      const type = readU16(source, fieldsOf(source, at) + AT_TYPE);
      let node = this.nodeAt(zone, zone, at);
      if (!this.isHeldAt(node, type)) {
        node = isGlueType(type) ? this.glueNode(zone, at) : -1;
        if (node < 0) continue;
      }
      if (hasLive && this.liveAt.get(node)?.some((live) => live.type === type) === true) continue;
      this.hold(node, type, entryWords(source, at));
      this.link(node, at);
    }
  }

  /**
   * A node's parent comes before it, so that one pass carries the shadow of a cut down the tree.
   */
  markOccluded(): void {
    const { flags, parent, count } = this.nodes;
    const SHADOW = NODE_CUT | NODE_DNAME | NODE_OCCLUDED;
    for (let node = 0; node < count; node++) {
      const above = parent[node] as number;
      if (above !== node && ((flags[above] as number) & SHADOW) !== 0) {
        flags[node] = (flags[node] as number) | NODE_OCCLUDED;
      }
    }
  }

  write(): SharedArrayBuffer {
    const { nodes } = this;
    const slots = powerOfTwo(nodes.count * 1.5);
    let words = BASE_INDEX + slots;
    for (let node = 0; node < nodes.count; node++) words += this.wordsOf(node);
    if (words * 4 > MEMORY_OCTETS_MAX) {
      const size = `${nodes.count} names need ${words * 4} octets`;
      const limit = `the most is ${MEMORY_OCTETS_MAX}`;
      throw new ImageError("IMAGE_TOO_LARGE", `Cannot compile the zones: ${size}, ${limit}`);
    }
    const base = new SharedArrayBuffer(words * 4);
    const memory = { words: new Int32Array(base), bytes: new Uint8Array(base) };
    const offsetBits = offsetBitsFor(base.byteLength);
    writeBaseHead(memory.words, { slots, offsetBits });
    memory.words[BASE_LABELS_MAX] = this.labelsMax;
    memory.words[BASE_NODES] = nodes.count;
    let at = BASE_INDEX + slots;
    for (let node = 0; node < nodes.count; node++) {
      this.writeNode(memory, at, node);
      const hash = nodes.hash[node] as number;
      place(memory.words, BASE_INDEX, slots - 1, offsetBits, { hash, node: at, replaces: 0 });
      at += this.wordsOf(node);
    }
    return base;
  }

  private wordsOf(node: number): number {
    const { nameLength, children, words } = this.nodes;
    return nodeWords(nameLength[node] as number, children[node] as number, words[node] as number);
  }

  private writeNode(memory: Memory, at: number, node: number): void {
    const { nodes, name } = this;
    const source = this.sources[nodes.source[node] as number] as Uint8Array;
    const length = nodes.nameLength[node] as number;
    name.read(source, nodes.nameAt[node] as number, source.length);
    const head = {
      hash: nodes.hash[node] as number,
      flags: nodes.flags[node] as number,
      children: nodes.children[node] as number,
    };
    let end = writeNodeHead(memory.words, at, head, name, length);
    let last = 0;
    if (this.liveAt.size > 0) {
      for (const live of this.liveAt.get(node) ?? []) {
        last = end;
        end = writeLiveEntry(memory.words, end, live.type, live.slot);
      }
    }
    const records = this.sources[nodes.zone[node] as number] as Uint8Array;
    for (let entry = nodes.head[node] as number; entry !== 0; ) {
      last = end;
      end = writeEntry(memory, end, records, this.entryAt[entry] as number);
      entry = this.entryNext[entry] as number;
    }
    if (last !== 0) endEntries(memory.words, last);
  }

  /**
   * The node that holds an entry's RRset, made where it is missing; -1 where none is to hold it.
   */
  private nodeAt(zone: number, source: number, entry: number): number {
    const { name } = this;
    const bytes = this.sources[source] as Uint8Array;
    const end = name.read(bytes, entry + 1, bytes.length);
    assert(end === fieldsOf(bytes, entry), "a packed owner that is a name");
    const owner = { source, at: entry + 1, length: name.length };
    const node = this.nameNode(zone, owner, 0);
    return node === BELONGS_TO_CHILD ? this.parentSideNode(zone, owner) : node;
  }

  /**
   * The node of a name from its label on. Makes it, and what is missing between it and the apex.
   */
  private nameNode(
    zone: number,
    owner: { readonly source: number; readonly at: number },
    label: number,
  ): number {
    const { name, nodes } = this;
    const length = name.suffixLength(label);
    const hash = name.suffixHash(length);
    const found = nodes.find(name, length, hash);
    if (found >= 0) {
      if (nodes.zone[found] === zone) return found;
      return ((nodes.flags[found] as number) & NODE_APEX) !== 0 ? BELONGS_TO_CHILD : -1;
    }
    // Past the root without an apex: the record is out of its zone.
    if (label === name.labels) return -1;
    const parent = this.nameNode(zone, owner, label + 1);
    if (parent < 0) return -1;
    const start = owner.at + (name.starts[label] as number);
    const node = nodes.add(hash, { source: owner.source, at: start, length }, zone, NODE_EMPTY);
    this.adopt(node, parent);
    this.labelsMax = Math.max(this.labelsMax, name.labels - label);
    if (name.bytes[256 - length] === 1 && name.bytes[257 - length] === 0x2a) {
      nodes.flags[parent] = (nodes.flags[parent] as number) | NODE_WILDCARD_CHILD;
    }
    return node;
  }

  private parentSideNode(
    zone: number,
    owner: { readonly source: number; readonly at: number; readonly length: number },
  ): number {
    const { name, nodes } = this;
    const hash = name.hash ^ PARENT_SIDE_SALT;
    const found = nodes.find(name, name.length, hash);
    if (found >= 0) return nodes.zone[found] === zone ? found : -1;
    const parent = this.nameNode(zone, owner, 1);
    if (parent < 0) return -1;
    const node = nodes.add(hash, owner, zone, NODE_EMPTY | NODE_PARENT_SIDE);
    this.adopt(node, parent);
    return node;
  }

  /**
   * The node for glue of the entry whose owner was read last, which belongs to a served child; -1
   * where it is out of its zone. Nobody's child: no question's name leads to it.
   */
  private glueNode(zone: number, entry: number): number {
    const { name, nodes } = this;
    for (let label = 0; label <= name.labels; label++) {
      const length = name.suffixLength(label);
      // Apexes were added before all else: their nodes have their zones' numbers.
      if (nodes.find(name, length, name.suffixHash(length)) !== zone) continue;
      const hash = glueHash(name.hash, name.labels - label);
      const found = nodes.find(name, name.length, hash);
      if (found >= 0) return found;
      this.labelsMax = Math.max(this.labelsMax, name.labels);
      const owner = { source: zone, at: entry + 1, length: name.length };
      return nodes.add(hash, owner, zone, NODE_EMPTY | NODE_PARENT_SIDE);
    }
    return -1;
  }

  private adopt(node: number, parent: number): void {
    this.nodes.parent[node] = parent;
    this.nodes.children[parent] = (this.nodes.children[parent] as number) + 1;
  }

  /** Whether an RRset of this type has its place at the node, if there is one. */
  private isHeldAt(node: number, type: number): boolean {
    if (node < 0) return false;
    const isParentSide = ((this.nodes.flags[node] as number) & NODE_PARENT_SIDE) !== 0;
    return !isParentSide || isParentSideType(type);
  }

  /** Notes that the node holds an RRset of this type. */
  private hold(node: number, type: number, words: number): void {
    const { nodes } = this;
    const before = nodes.flags[node] as number;
    const isOrdinary = (before & (NODE_APEX | NODE_PARENT_SIDE)) === 0;
    const mark = typeFlag(type);
    const flag = mark === NODE_CUT && !isOrdinary ? 0 : mark;
    nodes.flags[node] = (before & ~NODE_EMPTY) | flag;
    nodes.words[node] = (nodes.words[node] as number) + words;
  }

  private link(node: number, at: number): void {
    const { nodes } = this;
    const entry = ++this.entries;
    if (entry === this.entryAt.length) {
      this.entryAt = longer(this.entryAt);
      this.entryNext = longer(this.entryNext);
    }
    this.entryAt[entry] = at;
    const tail = nodes.tail[node] as number;
    if (tail === 0) nodes.head[node] = entry;
    else this.entryNext[tail] = entry;
    nodes.tail[node] = entry;
  }
}

/** The name is the apex of a served child zone: most of what its parent says there is not heard. */
const BELONGS_TO_CHILD = -2;

function withoutRecords({ owner, type }: LiveBinding) {
  return { owner, type, ttl: 0, rdatas: [] };
}

function entryStarts(packed: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < packed.length; at = entryEnd(packed, at)) starts.push(at);
  return starts;
}

function longer(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(Math.ceil(from.length * 1.5) + 16);
  to.set(from);
  return to;
}
