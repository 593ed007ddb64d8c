// The options in OPT records: what a query asks for with them, and what its answer gives back.

import { EDNS_OPTION, TYPE } from "../dns/types.ts";
import { CLIENT_COOKIE_OCTETS, COOKIE, type CookieJar, SERVER_COOKIE_OCTETS } from "./cookies.ts";
import { type Exchange, TRANSPORT } from "./exchange.ts";
import type { Explainer } from "./explainer.ts";
import { copyOctets } from "./octets.ts";
import { EDE_NONE, type Query } from "./query.ts";

/** Octets of an OPT record without options, and of an option's head. */
const OPT_OCTETS = 11;
const OPTION_HEAD_OCTETS = 4;
/** An option with an extended error's code and no text (RFC 8914 section 2). */
const EDE_OCTETS = 6;
const SERVER_COOKIE_OCTETS_MIN = 8;
const SERVER_COOKIE_OCTETS_MAX = 32;
const DNSSEC_OK = 0x80;
/** RFC 8467 section 4.1: answers over TLS are padded to multiples of this. */
const PADDING_BLOCK_OCTETS = 468;

/**
 * Reads the options from `data` to `end`. Unknown ones are passed over (RFC 6891 section 6.1.2).
 *
 * @returns false where one is cut off or breaks its own RFC: the answer is FORMERR.
 */
export function readOptions(query: Query, data: number, end: number): boolean {
  const { packet } = query;
  let at = data;
  while (at + OPTION_HEAD_OCTETS <= end) {
    const code = u16(packet, at);
    const octets = u16(packet, at + 2);
    const start = at + OPTION_HEAD_OCTETS;
    at = start + octets;
    if (at > end) return false;
    if (code === EDNS_OPTION.COOKIE) {
      if (!isCookieLength(octets)) return false;
      // Of several cookies the first counts (RFC 7873 section 5.2).
      if (query.cookieOctets === 0) {
        query.cookieOctets = octets;
        copyOctets(packet, start, octets, query.givenCookie, 0);
      }
    } else if (code === EDNS_OPTION.NSID) query.isNsidAsked = true;
    else if (code === EDNS_OPTION.ECS) {
      if (!isSubnet(packet, start, octets)) return false;
      query.subnetOctets = octets;
      copyOctets(packet, start, octets, query.givenSubnet, 0);
    } else if (code === EDNS_OPTION.KEEPALIVE) query.isKeepaliveAsked = true;
    else if (code === EDNS_OPTION.PADDING) query.isPaddingAsked = true;
  }
  return at === end;
}

/** Octets that the answer's OPT record will take, padding left out; 0 where it has none. */
export function optOctets(query: Query, exchange: Exchange, nsid: Uint8Array | undefined): number {
  if (!query.hasOpt) return 0;
  // No room is kept for an extended error: it gives way to the answer.
  let octets = OPT_OCTETS;
  if (query.cookieOctets > 0)
    octets += OPTION_HEAD_OCTETS + CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS;
  if (query.subnetOctets > 0) octets += OPTION_HEAD_OCTETS + query.subnetOctets;
  if (query.isNsidAsked && nsid !== undefined) octets += OPTION_HEAD_OCTETS + nsid.length;
  if (isKeepaliveTold(query, exchange)) octets += OPTION_HEAD_OCTETS + 2;
  return octets;
}

/** Writes the OPT records of one thread's answers. */
export class OptWriter {
  private readonly udpSize: number;
  private readonly nsid: Uint8Array | undefined;
  private readonly jar: CookieJar | undefined;
  private readonly explainer: Explainer | undefined;

  constructor(of: {
    readonly udpSize: number;
    readonly nsid: Uint8Array | undefined;
    readonly jar: CookieJar | undefined;
    readonly explainer: Explainer | undefined;
  }) {
    this.udpSize = of.udpSize;
    this.nsid = of.nsid;
    this.jar = of.jar;
    this.explainer = of.explainer;
  }

  /**
   * Writes the answer's OPT record at `at`, padded up to `limit` at most; returns where it ends.
   */
  write(query: Query, exchange: Exchange, at: number, limit: number): number {
    const { out } = query;
    out[at] = 0;
    put16(out, at + 1, TYPE.OPT);
    put16(out, at + 3, this.udpSize);
    out[at + 5] = query.rcode >>> 4;
    out[at + 6] = 0;
    out[at + 7] = query.isDnssecOk ? DNSSEC_OK : 0;
    out[at + 8] = 0;
    let end = at + OPT_OCTETS;
    if (query.cookieOctets > 0) end = this.writeCookie(query, exchange, end);
    if (query.subnetOctets > 0) end = writeSubnet(query, end);
    if (query.isNsidAsked && this.nsid !== undefined) end = this.writeNsid(out, end, this.nsid);
    if (isKeepaliveTold(query, exchange)) {
      put16(out, end, EDNS_OPTION.KEEPALIVE);
      put16(out, end + 2, 2);
      put16(out, end + 4, Math.min(exchange.keepaliveDeciseconds, 0xffff));
      end += OPTION_HEAD_OCTETS + 2;
    }
    if (query.extendedError !== EDE_NONE && end + EDE_OCTETS <= limit) {
      put16(out, end, EDNS_OPTION.EDE);
      put16(out, end + 2, 2);
      put16(out, end + 4, query.extendedError);
      end += OPTION_HEAD_OCTETS + 2;
    }
    if (query.noted > 0 && this.explainer !== undefined) {
      end = this.explainer.write(query, exchange, end, limit);
    }
    // RFC 7830 section 6: never without encryption, where it would only swell the answer.
    if (query.isPaddingAsked && query.transport === TRANSPORT.tls) {
      end = writePadding(query, end, limit);
    }
    put16(out, at + 9, end - at - OPT_OCTETS);
    return end;
  }

  private writeCookie(query: Query, exchange: Exchange, at: number): number {
    const { jar } = this;
    if (jar === undefined) return at;
    const { out, givenCookie } = query;
    const octets = CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS;
    put16(out, at, EDNS_OPTION.COOKIE);
    put16(out, at + 2, octets);
    const start = at + OPTION_HEAD_OCTETS;
    const known = query.cookie === COOKIE.valid ? octets : CLIENT_COOKIE_OCTETS;
    copyOctets(givenCookie, 0, known, out, start);
    if (known < octets) jar.make(exchange, givenCookie, out, start + CLIENT_COOKIE_OCTETS);
    return start + octets;
  }

  private writeNsid(out: Uint8Array, at: number, nsid: Uint8Array): number {
    put16(out, at, EDNS_OPTION.NSID);
    put16(out, at + 2, nsid.length);
    const start = at + OPTION_HEAD_OCTETS;
    copyOctets(nsid, 0, nsid.length, out, start);
    return start + nsid.length;
  }
}

/**
 * The subnet comes back with the scope of the answer: 0 where it is the same for everybody (RFC
 * 7871 section 7.2.1).
 */
function writeSubnet(query: Query, at: number): number {
  const { out, givenSubnet, subnetOctets } = query;
  put16(out, at, EDNS_OPTION.ECS);
  put16(out, at + 2, subnetOctets);
  const start = at + OPTION_HEAD_OCTETS;
  copyOctets(givenSubnet, 0, subnetOctets, out, start);
  out[start + 3] = query.subnetScope;
  return start + subnetOctets;
}

function writePadding(query: Query, at: number, limit: number): number {
  const { out, outStart } = query;
  const start = at + OPTION_HEAD_OCTETS;
  if (start > limit) return at;
  const used = start - outStart;
  const wanted = Math.ceil(used / PADDING_BLOCK_OCTETS) * PADDING_BLOCK_OCTETS;
  const end = Math.min(outStart + wanted, limit);
  put16(out, at, EDNS_OPTION.PADDING);
  put16(out, at + 2, end - start);
  for (let i = start; i < end; i++) out[i] = 0;
  return end;
}

/** RFC 7828 section 3.2.2: over UDP the option is passed over. */
function isKeepaliveTold(query: Query, exchange: Exchange): boolean {
  return (
    query.isKeepaliveAsked &&
    exchange.transport !== TRANSPORT.udp &&
    exchange.keepaliveDeciseconds > 0
  );
}

/** A client's 8 octets, alone or with 8 to 32 of a server (RFC 7873 section 4). */
function isCookieLength(octets: number): boolean {
  const server = octets - CLIENT_COOKIE_OCTETS;
  if (server === 0) return true;
  return server >= SERVER_COOKIE_OCTETS_MIN && server <= SERVER_COOKIE_OCTETS_MAX;
}

/**
 * RFC 7871 section 6: family, bits, scope 0, and just the octets that the bits fill, zeros behind.
 */
function isSubnet(packet: Uint8Array, at: number, octets: number): boolean {
  if (octets < 4) return false;
  const family = u16(packet, at);
  const bits = packet[at + 2] as number;
  if (packet[at + 3] !== 0) return false;
  if (family === 0) return bits === 0 && octets === 4;
  if (family > 2 || bits > (family === 1 ? 32 : 128)) return false;
  if (octets !== 4 + ((bits + 7) >> 3)) return false;
  const spare = -bits & 7;
  return spare === 0 || ((packet[at + octets - 1] as number) & ((1 << spare) - 1)) === 0;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
