// One edit on its way into the overlay: the touched names, and the neighbours whose flags follow.

import { assert } from "../base/assert.ts";
import { equalNames, labelCount, type Name, nameKey } from "../dns/name.ts";
import { entryEnd, packRRsets } from "../zone/pack.ts";
import type { RRsetKey } from "../zone/rrset.ts";
import type { ImageZone } from "./compile.ts";
import { isGlueType, isParentSideType, typeFlag } from "./kept-types.ts";
import {
  entriesOffset,
  glueHash,
  NODE_APEX,
  NODE_CUT,
  NODE_DELETED,
  NODE_DNAME,
  NODE_EMPTY,
  NODE_INNER,
  NODE_OCCLUDED,
  NODE_PARENT_SIDE,
  NODE_WILDCARD_CHILD,
  nodeFlags,
  PARENT_SIDE_SALT,
} from "./layout.ts";
import { NameBuffer } from "./name-buffer.ts";
import { endEntries, entryWords, writeEntry, writeLiveEntry } from "./node-writer.ts";
import { type FoundNode, type Overlay, OverlayFull } from "./overlay.ts";

const SHADOW = NODE_CUT | NODE_DNAME | NODE_OCCLUDED;
const LIVE_ENTRY_WORDS = 2;

/** What a node is to hold from now on. */
interface Content {
  readonly packed: Uint8Array;
  readonly live: readonly { readonly type: number; readonly slot: number }[];
  /** The flags that its types give it. */
  readonly flags: number;
  /** No RRset of it is kept here. */
  readonly isEmpty: boolean;
  /** Whether the zone has records at the name. */
  readonly isOwner: boolean;
}

/**
 * Brings the touched RRsets of one zone into the overlay, between its `begin` and `publish`.
 *
 * @throws OverlayFull also where a change would alter the flags of a whole subtree.
 */
export function applyEdit(
  overlay: Overlay,
  imageZone: ImageZone,
  touched: readonly RRsetKey[],
): void {
  const edit = new Edit(overlay, imageZone);
  const done = new Set<string>();
  for (const { owner } of touched) {
    const key = nameKey(owner);
    if (!done.has(key)) edit.apply(owner);
    done.add(key);
  }
}

class Edit {
  private readonly overlay: Overlay;
  private readonly imageZone: ImageZone;
  private readonly origin: Name;
  private readonly name = new NameBuffer();

  constructor(overlay: Overlay, imageZone: ImageZone) {
    this.overlay = overlay;
    this.imageZone = imageZone;
    this.origin = imageZone.zone.origin;
  }

  apply(owner: Name): void {
    const { name } = this;
    assert(name.read(owner, 0, owner.length) === owner.length, "an owner that is a name");
    const apexLabel = this.apexLabel();
    if (apexLabel === undefined) throw new OverlayFull();
    const isOwn = name.suffixLength(apexLabel) === this.origin.length;
    if (isOwn) {
      this.applyNode(owner, name.hash, 0);
      return;
    }
    if (apexLabel === 0) this.applyNode(owner, name.hash ^ PARENT_SIDE_SALT, NODE_PARENT_SIDE);
    this.applyGlue(owner);
  }

  /** At and below a served child's apex: addresses alone, in a node that is nobody's child. */
  private applyGlue(owner: Name): void {
    const { name, overlay, imageZone } = this;
    const hash = glueHash(name.hash, labelCount(this.origin));
    const rrsets = imageZone.zone.rrsetsAt(owner).filter(({ type }) => isGlueType(type));
    const isThere = overlay.find(name, name.length, hash) !== undefined;
    if (rrsets.length > 0) {
      const entries = entriesOf({ packed: packRRsets(rrsets), live: [] });
      overlay.put(name, name.length, { hash, flags: NODE_PARENT_SIDE, children: 0 }, entries);
      overlay.noteLabels(name.labels);
    } else if (isThere) {
      const flags = NODE_DELETED | NODE_EMPTY;
      overlay.put(name, name.length, { hash, flags, children: 0 }, NO_ENTRIES);
    }
  }

  /** The label from which on the name is the apex of a served zone. */
  private apexLabel(): number | undefined {
    for (let label = 0; label <= this.name.labels; label++) {
      const found = this.findAt(label);
      if (found !== undefined && (flagsOf(found) & NODE_APEX) !== 0) return label;
    }
    return undefined;
  }

  private applyNode(owner: Name, hash: number, kind: number): void {
    const { name, overlay } = this;
    const old = overlay.find(name, name.length, hash);
    const oldFlags = old === undefined ? 0 : flagsOf(old);
    const content = this.contentOf(owner, kind | (oldFlags & NODE_APEX));
    const children = old === undefined ? 0 : childrenOf(old);
    // What lies below would have to change as well: that is work for a new base.
    const isShadowChanged = ((oldFlags ^ content.flags) & (NODE_CUT | NODE_DNAME)) !== 0;
    if (children > 0 && isShadowChanged) throw new OverlayFull();
    if (!content.isOwner && children === 0) {
      if (old !== undefined) this.remove(0, hash);
      return;
    }
    const above = this.shadowAbove(old === undefined);
    const flags =
      content.flags |
      kind |
      (oldFlags & (NODE_APEX | NODE_WILDCARD_CHILD)) |
      ((oldFlags & NODE_APEX) === 0 && (above & SHADOW) !== 0 ? NODE_OCCLUDED : 0) |
      (content.isEmpty ? NODE_EMPTY : 0);
    overlay.put(name, name.length, { hash, flags, children }, entriesOf(content));
    overlay.noteLabels(name.labels);
  }

  /** The flags of the name's parent, which gets a child more where the name is new. */
  private shadowAbove(isNew: boolean): number {
    const { name } = this;
    if (name.length === this.origin.length) return 0;
    if (isNew) return this.addChild(1, isStar(name, 0));
    const parent = this.findAt(1);
    return parent === undefined ? 0 : flagsOf(parent);
  }

  /** Adds a child to the node at `label`, which is made where it is missing; returns its flags. */
  private addChild(label: number, isWildcard: boolean): number {
    const { name, overlay } = this;
    const length = name.suffixLength(label);
    const hash = name.suffixHash(length);
    const found = this.findAt(label);
    const star = isWildcard ? NODE_WILDCARD_CHILD : 0;
    if (found === undefined) {
      const above = this.addChild(label + 1, isStar(name, label));
      const flags = NODE_EMPTY | star | ((above & SHADOW) !== 0 ? NODE_OCCLUDED : 0);
      overlay.put(name, length, { hash, flags, children: 1 }, NO_ENTRIES);
      return flags;
    }
    const before = flagsOf(found);
    const children = childrenOf(found) + 1;
    const isSameHead = (before & NODE_INNER) !== 0 && (before | star) === before;
    if (isSameHead && overlay.isOwn(found)) setChildren(found, children);
    else overlay.putAgain(name, length, { hash, flags: before | star, children }, found);
    return before;
  }

  /** Takes the node at `label` out, and every empty one above it that loses its last child. */
  private remove(label: number, hash: number): void {
    const { name, overlay } = this;
    const length = name.suffixLength(label);
    overlay.put(name, length, { hash, flags: NODE_DELETED | NODE_EMPTY, children: 0 }, NO_ENTRIES);
    const parent = this.findAt(label + 1);
    if (parent === undefined || length === this.origin.length) return;
    const flags = flagsOf(parent);
    const children = childrenOf(parent) - 1;
    const parentLength = name.suffixLength(label + 1);
    const parentHash = name.suffixHash(parentLength);
    const star = isStar(name, label) ? NODE_WILDCARD_CHILD : 0;
    if (children === 0 && (flags & NODE_EMPTY) !== 0) this.remove(label + 1, parentHash);
    else if (children > 0 && star === 0 && overlay.isOwn(parent)) setChildren(parent, children);
    else {
      const head = { hash: parentHash, flags: flags & ~star, children };
      overlay.putAgain(name, parentLength, head, parent);
    }
  }

  private contentOf(owner: Name, kind: number): Content {
    const { zone, live } = this.imageZone;
    const isParentSide = (kind & NODE_PARENT_SIDE) !== 0;
    const bindings = isParentSide ? [] : live.filter((one) => equalNames(one.owner, owner));
    const held = zone.rrsetsAt(owner);
    const rrsets = held.filter((rrset) => {
      if (isParentSide && !isParentSideType(rrset.type)) return false;
      return !bindings.some((binding) => binding.type === rrset.type);
    });
    let flags = 0;
    for (const { type } of [...rrsets, ...bindings]) flags |= typeFlag(type);
    if ((kind & (NODE_APEX | NODE_PARENT_SIDE)) !== 0) flags &= ~NODE_CUT;
    const isEmpty = rrsets.length === 0 && bindings.length === 0;
    const isOwner = held.length > 0 || bindings.length > 0;
    return { packed: packRRsets(rrsets), live: bindings, flags, isEmpty, isOwner };
  }

  private findAt(label: number): FoundNode | undefined {
    const length = this.name.suffixLength(label);
    return this.overlay.find(this.name, length, this.name.suffixHash(length));
  }
}

const NO_ENTRIES = { words: 0, write: (): void => undefined };

function entriesOf({
  packed,
  live,
}: Pick<Content, "packed" | "live">): Parameters<Overlay["put"]>[3] {
  let size = live.length * LIVE_ENTRY_WORDS;
  for (let at = 0; at < packed.length; at = entryEnd(packed, at)) size += entryWords(packed, at);
  return {
    words: size,
    write: (memory, start) => {
      let end = start;
      let last = start;
      for (const { type, slot } of live) {
        last = end;
        end = writeLiveEntry(memory.words, end, type, slot);
      }
      for (let at = 0; at < packed.length; at = entryEnd(packed, at)) {
        last = end;
        end = writeEntry(memory, end, packed, at);
      }
      endEntries(memory.words, last);
    },
  };
}

function flagsOf({ memory, at }: FoundNode): number {
  return nodeFlags(memory.words[at + 1] ?? 0);
}

function childrenOf(node: FoundNode): number {
  if ((flagsOf(node) & NODE_INNER) === 0) return 0;
  return node.memory.words[childrenWord(node)] ?? 0;
}

/** Readers pass this word over, so that it may change under their eyes. */
function setChildren(node: FoundNode, children: number): void {
  node.memory.words[childrenWord(node)] = children;
}

function childrenWord({ memory, at }: FoundNode): number {
  return at + entriesOffset(memory.words[at + 1] ?? 0) - 1;
}

function isStar(name: NameBuffer, label: number): boolean {
  const at = 256 - name.suffixLength(label);
  return name.bytes[at] === 1 && name.bytes[at + 1] === 0x2a;
}
