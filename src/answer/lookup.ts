// What the zones have to say to one question: RFC 1034 section 4.3.2, with RFC 2308 (negative
// answers), 4592 (wildcards) and 6672 (DNAME). Writes the answer and authority sections and asks
// for addresses.

import { EDE, RCODE, TYPE } from "../dns/types.ts";
import {
  ENTRY_EXTRA,
  ENTRY_NOT_PLAIN,
  NEGATIVE_TTL_NONE,
  NODE_APEX,
  NODE_CNAME,
  NODE_CUT,
  NODE_DNAME,
  NODE_OCCLUDED,
  NODE_WILDCARD_CHILD,
  RECORD_HEAD_OCTETS,
  RECORD_TTL_AT,
} from "../image/layout.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import type { ImageReader } from "../image/reader.ts";
import { RRsetView } from "../image/rrset-view.ts";
import type { AddressFinder } from "./addresses.ts";
import { AliasTrail } from "./alias-trail.ts";
import { type MessageWriter, TTL_ANY } from "./message-writer.ts";
import { HEADER_OCTETS, KIND, type Query } from "./query.ts";
import type { Rotation } from "./rotation.ts";
import { minimumOf, SoaCache } from "./soa-cache.ts";
import { closestEncloser, findMarked } from "./suffixes.ts";

/** Flags of a node that an ordinary answer need not look at twice. */
const NODE_SPECIAL = NODE_APEX | NODE_CUT | NODE_OCCLUDED | NODE_CNAME;

/** Looks up one thread's queries. */
export class Lookup {
  private readonly reader: ImageReader;
  private readonly writer: MessageWriter;
  private readonly addresses: AddressFinder;
  private readonly rotation: Rotation;
  private readonly view = new RRsetView();
  private readonly soa = new RRsetView();
  private readonly soaCache = new SoaCache();

  /** The name looked up now: the question's, or an alias's target. */
  private name: NameBuffer = new NameBuffer();
  private readonly target = new NameBuffer();
  private readonly wildcard = new NameBuffer();
  /** The same name with its letter case, uncompressed. */
  private nameBytes: Uint8Array = new Uint8Array(1);
  private nameAt = 0;
  private readonly trail = new AliasTrail();

  constructor(
    reader: ImageReader,
    writer: MessageWriter,
    addresses: AddressFinder,
    rotation: Rotation,
  ) {
    this.reader = reader;
    this.writer = writer;
    this.addresses = addresses;
    this.rotation = rotation;
  }

  /** Answers `query` from the zones; its sections, rcode and flags are set afterwards. */
  answer(query: Query): void {
    const { reader } = this;
    const { name } = query;
    this.name = name;
    if (name.labels <= reader.labelsMax && reader.find(name, name.length, name.hash)) {
      if ((reader.flags & NODE_SPECIAL) === 0 && query.type !== TYPE.ANY) {
        if (this.answerPlain(query)) return;
      }
      this.follow(query, true);
    } else this.follow(query, false);
  }

  /** The short way: the name is there, is nothing special, and its RRset is ready to be copied. */
  private answerPlain(query: Query): boolean {
    const { view } = this;
    if (!this.reader.openType(query.type, view)) return false;
    if ((view.flags & ENTRY_NOT_PLAIN) !== 0 || view.count === 0) return false;
    query.isAuthoritative = true;
    query.kind = KIND.positive;
    query.liveSlot = view.slot;
    if (this.writer.copy(view, this.rotation.of(view))) {
      query.answers = view.count;
      if (view.slot >= 0) query.note(view);
    } else query.isTruncated = true;
    return true;
  }

  /**
   * The long way: from the question's name through its aliases, with everything that may happen.
   */
  private follow(query: Query, isFound: boolean): void {
    this.writer.noteQuestion(query.name);
    this.writer.ownAt(HEADER_OCTETS);
    this.nameBytes = query.packet;
    this.nameAt = query.start + HEADER_OCTETS;
    this.trail.clear();
    let goesOn = isFound ? this.answerFound(query) : this.answerMissing(query);
    while (goesOn && !query.isTruncated) {
      this.writer.ownName(this.nameBytes, this.nameAt);
      const { name, reader } = this;
      const isThere = name.labels <= reader.labelsMax && reader.find(name, name.length, name.hash);
      goesOn = isThere ? this.answerFound(query) : this.answerMissing(query);
    }
  }

  /** The name has a node. True when an alias leads on. */
  private answerFound(query: Query): boolean {
    const { flags } = this.reader;
    if ((flags & NODE_OCCLUDED) !== 0) return this.answerOccluded(query);
    if ((flags & NODE_APEX) !== 0 && query.type === TYPE.DS) return this.answerDs(query);
    if ((flags & NODE_CUT) !== 0 && query.type !== TYPE.DS) return this.refer(query, 0);
    return this.answerNode(query, 0);
  }

  /** The name has no node: its closest encloser decides (RFC 4592 section 3.3.1). */
  private answerMissing(query: Query): boolean {
    const { reader, name } = this;
    const label = closestEncloser(reader, name);
    if (label < 0) return this.answerForeign(query);
    const { flags } = reader;
    if ((flags & NODE_OCCLUDED) !== 0) return this.answerOccluded(query);
    if ((flags & NODE_CUT) !== 0) return this.refer(query, label);
    if ((flags & NODE_DNAME) !== 0) return this.redirect(query, label);
    if ((flags & NODE_WILDCARD_CHILD) !== 0) {
      const { wildcard } = this;
      if (
        wildcard.becomeWildcard(name, name.suffixLength(label)) &&
        reader.find(wildcard, wildcard.length, wildcard.hash)
      ) {
        return this.answerNode(query, label);
      }
    }
    return this.deny(query, RCODE.NXDOMAIN, label, NEGATIVE_TTL_NONE);
  }

  /** The name lies in no zone of ours. */
  private answerForeign(query: Query): boolean {
    if (this.trail.length === 0) {
      query.rcode = RCODE.REFUSED;
      query.extendedError = EDE.NOT_AUTHORITATIVE;
    }
    return false;
  }

  /**
   * Answers from the node found last.
   *
   * @param label the closest encloser's where the node is its wildcard; else 0.
   */
  private answerNode(query: Query, label: number): boolean {
    const { reader, view } = this;
    const { type } = query;
    query.isAuthoritative = true;
    query.kind = type === TYPE.ANY ? KIND.any : KIND.positive;
    if ((reader.flags & NODE_CNAME) !== 0 && type !== TYPE.CNAME && type !== TYPE.ANY) {
      return this.answerAlias(query, label);
    }
    const isOpen = type === TYPE.ANY ? reader.openAny(view) : reader.openType(type, view);
    if (!isOpen) return this.deny(query, RCODE.NOERROR, label, NEGATIVE_TTL_NONE);
    if (view.count === 0) return this.denyLive(query, label);
    if (!this.writer.addRRset(view, this.rotation.of(view), TTL_ANY)) {
      query.isTruncated = true;
      return false;
    }
    query.answers += view.count;
    if (view.slot >= 0) this.noteLive(query);
    if ((view.flags & ENTRY_EXTRA) !== 0) {
      this.addresses.addFor(query, view, this.nameBytes, this.nameAt);
    }
    return false;
  }

  /** The answer holds the live RRset in `this.view`. */
  private noteLive(query: Query): void {
    query.liveSlot = this.view.slot;
    query.note(this.view);
  }

  /** The live RRset in `this.view` has no records now; that too is kept by whoever asked. */
  private denyLive(query: Query, label: number): boolean {
    const { view, soa } = this;
    this.deny(query, RCODE.NOERROR, label, view.negativeTtl);
    if (query.authorities > 0) query.noteFor(view, Math.min(view.negativeTtl, minimumOf(soa)));
    return false;
  }

  private answerAlias(query: Query, label: number): boolean {
    const { reader, view } = this;
    const node = reader.nodeKey;
    if (!reader.openType(TYPE.CNAME, view) || view.count === 0) {
      return this.deny(query, RCODE.NOERROR, label, view.negativeTtl);
    }
    if (!this.trail.add(node, this.name.hash)) return false;
    if (!this.writer.addRRset(view, 0, TTL_ANY)) {
      query.isTruncated = true;
      return false;
    }
    query.answers++;
    if (view.slot >= 0) this.noteLive(query);
    return this.turnTo(view.bytes, view.at + RECORD_HEAD_OCTETS);
  }

  /** Goes on with the uncompressed name at `at` in `bytes`. */
  private turnTo(bytes: Uint8Array, at: number): boolean {
    this.name = this.target;
    this.nameBytes = bytes;
    this.nameAt = at;
    return this.target.read(bytes, at, bytes.length) >= 0;
  }

  /** The name lies below a cut or a DNAME of its zone, which answers for it. */
  private answerOccluded(query: Query): boolean {
    const MARKS = NODE_CUT | NODE_DNAME;
    const { reader, name } = this;
    let at = findMarked(reader, name, 1, MARKS);
    for (; at > 0; at = findMarked(reader, name, at + 1, MARKS)) {
      const { flags } = reader;
      if ((flags & NODE_OCCLUDED) !== 0) continue;
      return (flags & NODE_CUT) !== 0 ? this.refer(query, at) : this.redirect(query, at);
    }
    return this.answerForeign(query);
  }

  /**
   * DS at an apex belongs to the parent zone (RFC 4035 section 3.1.4.1), where that is served too.
   */
  private answerDs(query: Query): boolean {
    const { reader, name } = this;
    if (reader.findParentSide(name, name.length, name.hash)) {
      if ((reader.flags & NODE_OCCLUDED) !== 0) return this.answerOccluded(query);
      return this.answerNode(query, 1);
    }
    // A parent that does not delegate the zone knows no such name; without a parent it is the
    // zone's.
    if (findMarked(reader, name, 1, NODE_APEX) >= 0) return this.answerMissing(query);
    reader.find(name, name.length, name.hash);
    return this.answerNode(query, 0);
  }

  /**
   * A referral to the zone that starts at the cut found last, which is the name from `label` on.
   */
  private refer(query: Query, label: number): boolean {
    const { reader, view, name, writer } = this;
    if (!reader.openType(TYPE.NS, view)) return this.answerForeign(query);
    this.ownSuffix(label);
    query.kind = KIND.referral;
    if (!writer.addRRset(view, this.rotation.of(view), TTL_ANY)) {
      query.isTruncated = true;
      return false;
    }
    query.authorities += view.count;
    this.addresses.addGlue(query, view, name, name.suffixLength(label));
    return false;
  }

  /**
   * The DNAME found last, at the name from `label` on, stands for all names below it (RFC 6672).
   */
  private redirect(query: Query, label: number): boolean {
    const { reader, view, writer, name, trail } = this;
    const node = reader.nodeKey;
    const isAgain = trail.has(node);
    if (!reader.openType(TYPE.DNAME, view) || !trail.add(node, name.hash)) return false;
    query.isAuthoritative = true;
    query.kind = KIND.positive;
    // A DNAME that is met again stands in the answer already.
    if (!isAgain) {
      this.ownSuffix(label);
      if (!writer.addRRset(view, 0, TTL_ANY)) {
        query.isTruncated = true;
        return false;
      }
      query.answers++;
    }
    const prefix = name.length - name.suffixLength(label);
    const made = trail.substitute(this.nameBytes, this.nameAt, prefix, view);
    if (made === undefined) {
      query.rcode = RCODE.YXDOMAIN;
      return false;
    }
    writer.ownName(this.nameBytes, this.nameAt);
    if (!writer.addCname(made, 0, view.bytes, view.at + RECORD_TTL_AT)) {
      query.isTruncated = true;
      return false;
    }
    query.answers++;
    if (query.type === TYPE.CNAME || query.type === TYPE.ANY) return false;
    return this.turnTo(made, 0);
  }

  /**
   * A negative answer: the SOA of the name's zone in the authority section (RFC 2308 section 3).
   *
   * @param label where to start looking for the apex.
   */
  private deny(query: Query, rcode: number, label: number, ttlMax: number): boolean {
    const { reader, name, soa } = this;
    query.rcode = rcode;
    query.kind = rcode === RCODE.NXDOMAIN ? KIND.nxdomain : KIND.nodata;
    const apex = findMarked(reader, name, label, NODE_APEX);
    if (apex < 0 || !reader.openType(TYPE.SOA, soa)) return false;
    if (soa.count === 0) return this.failSilent(query);
    query.isAuthoritative = true;
    if (this.addSoa(query, apex, Math.min(ttlMax, minimumOf(soa)))) query.authorities++;
    else query.isTruncated = true;
    return false;
  }

  /** A zone whose SOA is empty has nothing to say: it has expired, or was not copied yet. */
  private failSilent(query: Query): boolean {
    query.isAuthoritative = this.trail.length > 0;
    // Behind an alias of another zone, whoever asks goes on with the alias's target.
    query.rcode = this.trail.length > 0 ? RCODE.NOERROR : RCODE.SERVFAIL;
    query.extendedError = EDE.INVALID_DATA;
    return false;
  }

  /** Adds the SOA found last for the apex that starts at `label` of the name. */
  private addSoa(query: Query, label: number, ttl: number): boolean {
    const { name, soa, soaCache, writer, reader } = this;
    const isFirst = this.trail.length === 0;
    const length = name.suffixLength(label);
    const apexOffset = HEADER_OCTETS + name.length - length;
    if (isFirst && soaCache.fits(soa, ttl, reader.generation, name, label)) {
      return soaCache.use(query, writer, apexOffset);
    }
    this.ownSuffix(label);
    const start = writer.at;
    if (!writer.addRRset(soa, 0, ttl)) return false;
    if (isFirst) {
      const made = { soa, ttl, generation: reader.generation };
      soaCache.keep(query, { start, end: writer.at, apexOffset }, made, { name, length });
    }
    return true;
  }

  /** The next RRset's owner is the name from `label` on. */
  private ownSuffix(label: number): void {
    const { name, writer } = this;
    const start = name.length - name.suffixLength(label);
    if (this.trail.length === 0 && name.length - start > 1) writer.ownAt(HEADER_OCTETS + start);
    else writer.ownName(this.nameBytes, this.nameAt + start);
  }
}
