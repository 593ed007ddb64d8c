// The addresses that come along with an answer: glue of referrals, and those of the hosts that NS,
// MX, SRV, SVCB and HTTPS records name (RFC 1034 section 4.3.2 step 6, RFC 9460 section 4.1). They
// are looked for in the zone that the records come from alone, as NSD, Knot, BIND and PowerDNS do.

import { TYPE } from "../dns/types.ts";
import { extraNameAt, NODE_APEX, RECORD_HEAD_OCTETS, RECORD_RDLENGTH_AT } from "../image/layout.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import type { ImageReader } from "../image/reader.ts";
import { RRsetView } from "../image/rrset-view.ts";
import { type MessageWriter, TTL_ANY } from "./message-writer.ts";
import type { Query } from "./query.ts";

/** Hosts whose addresses are brought along for one answer. */
const HOSTS_MAX = 64;
/** Service aliases followed for one answer. */
const ALIASES_MAX = 4;

/** Finds addresses for one thread's answers. */
export class AddressFinder {
  private readonly reader: ImageReader;
  private readonly writer: MessageWriter;
  private readonly host = new NameBuffer();
  private readonly owner = new NameBuffer();
  /** A name in the zone that is looked into; its last octets, with so many labels, are the apex. */
  private inner = this.owner;
  private apexLength = 1;
  private apexLabels = 0;
  private readonly view = new RRsetView();
  /** Nodes whose addresses are in the message already. */
  private readonly seen = new Int32Array(HOSTS_MAX);
  private hosts = 0;
  /**
   * Service RRsets that aliases led to, with the nodes they were found at: a node again is a loop.
   */
  private readonly service = new RRsetView();
  private readonly aliasNode = new Int32Array(ALIASES_MAX);

  constructor(reader: ImageReader, writer: MessageWriter) {
    this.reader = reader;
    this.writer = writer;
  }

  /**
   * Adds what fits for the hosts of an RRset in the answer section.
   *
   * @param owner the RRset's owner, uncompressed at `ownerAt`: what "." means in SVCB and HTTPS.
   */
  addFor(query: Query, rrset: RRsetView, owner: Uint8Array, ownerAt: number): void {
    this.hosts = 0;
    this.owner.read(owner, ownerAt, owner.length);
    this.lookInto(this.owner, this.owner.length);
    if (rrset.type === TYPE.SVCB || rrset.type === TYPE.HTTPS) {
      this.addServices(query, rrset, owner, ownerAt);
      return;
    }
    const nameAt = RECORD_HEAD_OCTETS + extraNameAt(rrset.type) - 1;
    for (let at = rrset.at, end = at + rrset.length; at < end; at = next(rrset, at)) {
      this.addHost(query, rrset.bytes, at + nameAt);
    }
  }

  /**
   * Adds the glue of a referral to the zone at the last `cutLength` octets of `name`. Addresses of
   * servers inside that zone must fit, or the answer is truncated (RFC 9471 section 3.1).
   */
  addGlue(query: Query, servers: RRsetView, name: NameBuffer, cutLength: number): void {
    const end = servers.at + servers.length;
    this.hosts = 0;
    this.lookInto(name, cutLength - 1);
    for (let at = servers.at; at < end; at = next(servers, at)) {
      const { host } = this;
      if (host.read(servers.bytes, at + RECORD_HEAD_OCTETS, servers.bytes.length) < 0) continue;
      if (!host.endsWith(name, cutLength)) continue;
      if (!this.addFound(query, servers.bytes, at + RECORD_HEAD_OCTETS)) {
        query.isTruncated = true;
        return;
      }
    }
    for (let at = servers.at; at < end; at = next(servers, at)) {
      this.addHost(query, servers.bytes, at + RECORD_HEAD_OCTETS);
    }
  }

  /** From now on hosts are those of the zone that holds the name's last octets, at most so many. */
  private lookInto(inner: NameBuffer, lengthMax: number): void {
    const { reader } = this;
    this.inner = inner;
    for (let label = Math.max(0, inner.labels - reader.labelsMax); label <= inner.labels; label++) {
      const length = inner.suffixLength(label);
      if (length > lengthMax || !reader.find(inner, length, inner.suffixHash(length))) continue;
      if ((reader.flags & NODE_APEX) === 0) continue;
      this.apexLength = length;
      this.apexLabels = inner.labels - label;
      return;
    }
  }

  /** Adds the hosts of services, and the services that aliases lead to (RFC 9460 section 4.1). */
  private addServices(
    query: Query,
    first: RRsetView,
    firstOwner: Uint8Array,
    firstAt: number,
  ): void {
    const { reader, writer, service } = this;
    const { type } = first;
    let rrset = first;
    let owner = firstOwner;
    let ownerAt = firstAt;
    for (let aliases = 0; aliases < ALIASES_MAX; aliases++) {
      const aliasAt = this.addTargets(query, rrset, owner, ownerAt);
      this.aliasNode[aliases] = this.find(owner, ownerAt) ? reader.nodeKey : 0;
      owner = rrset.bytes;
      ownerAt = aliasAt;
      if (aliasAt < 0 || !this.find(owner, ownerAt)) return;
      for (let i = 0; i <= aliases; i++) if (this.aliasNode[i] === reader.nodeKey) return;
      if (!reader.openType(type, service) || service.count === 0) return;
      writer.ownName(owner, ownerAt);
      if (!writer.addRRset(service, 0, TTL_ANY)) return;
      query.additionals += service.count;
      rrset = service;
    }
  }

  /** Adds the hosts of one service RRset; returns where its alias's target lies, or -1. */
  private addTargets(query: Query, rrset: RRsetView, owner: Uint8Array, ownerAt: number): number {
    const { bytes } = rrset;
    let aliasAt = -1;
    for (let at = rrset.at, end = at + rrset.length; at < end; at = next(rrset, at)) {
      const data = at + RECORD_HEAD_OCTETS;
      const isAlias = bytes[data] === 0 && bytes[data + 1] === 0;
      const isOwner = bytes[data + 2] === 0;
      if (!isOwner) this.addHost(query, bytes, data + 2);
      else if (!isAlias) this.addHost(query, owner, ownerAt);
      if (isAlias && !isOwner) aliasAt = data + 2;
    }
    return aliasAt;
  }

  private find(bytes: Uint8Array, at: number): boolean {
    return this.host.read(bytes, at, bytes.length) >= 0 && this.findHost();
  }

  /**
   * Finds the node of `this.host` as the zone has it: what it holds below a child that is served
   * too is its glue for that child.
   */
  private findHost(): boolean {
    const { reader, host, apexLength } = this;
    if (host.labels > reader.labelsMax || !host.endsWith(this.inner, apexLength)) return false;
    for (let label = 1; host.suffixLength(label) > apexLength; label++) {
      const length = host.suffixLength(label);
      const isThere = reader.find(host, length, host.suffixHash(length));
      if (isThere && (reader.flags & NODE_APEX) !== 0) {
        return reader.findGlue(host, this.apexLabels);
      }
    }
    const isThere = reader.find(host, host.length, host.hash);
    const isChild = isThere && (reader.flags & NODE_APEX) !== 0 && host.length > apexLength;
    return isChild ? reader.findGlue(host, this.apexLabels) : isThere;
  }

  /**
   * Adds the addresses of the host whose name lies at `at` in `bytes`; false where they do not fit.
   */
  private addHost(query: Query, bytes: Uint8Array, at: number): boolean {
    if (this.host.read(bytes, at, bytes.length) < 0) return true;
    return this.addFound(query, bytes, at);
  }

  /** Adds the addresses of `this.host`. */
  private addFound(query: Query, bytes: Uint8Array, at: number): boolean {
    const { reader, host } = this;
    if (host.length === 1 || !this.findHost()) return true;
    const key = reader.nodeKey;
    for (let i = 0; i < this.hosts; i++) if (this.seen[i] === key) return true;
    if (this.hosts === HOSTS_MAX) return true;
    this.seen[this.hosts++] = key;
    this.writer.ownName(bytes, at);
    return this.addType(query, TYPE.A) && this.addType(query, TYPE.AAAA);
  }

  /** Adds one RRset of the node found last; true where there is none. */
  private addType(query: Query, type: number): boolean {
    const { view } = this;
    if (!this.reader.openType(type, view) || view.count === 0) return true;
    if (!this.writer.addRRset(view, 0, TTL_ANY)) return false;
    query.additionals += view.count;
    if (view.slot >= 0) query.note(view);
    return true;
  }
}

function next(rrset: RRsetView, record: number): number {
  const at = record + RECORD_RDLENGTH_AT;
  const length = ((rrset.bytes[at] as number) << 8) | (rrset.bytes[at + 1] as number);
  return record + RECORD_HEAD_OCTETS + length;
}
