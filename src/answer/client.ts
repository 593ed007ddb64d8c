// Whose answer it is, for pools that keep each client at one member: a hash of the prefix that the
// query came from, or of the subnet that a resolver names for its client (RFC 7871).

import { type Asker, hashOctet, mixed } from "../image/pickers.ts";
import type { Exchange } from "./exchange.ts";
import type { Query } from "./query.ts";

/**
 * Clients are told apart by their /24 and /48: the longest prefixes that the Internet routes. The
 * machines of one resolver share them, so that all get the same answer, and a scope that wide lets
 * a resolver use one answer for many clients. Resolvers name up to /24 and /56 (RFC 7871 section
 * 11.1): both are specific enough.
 */
const PREFIX_BITS_4 = 24;
const PREFIX_BITS_6 = 48;

const FAMILY_4 = 1;
/** Octets of an option's data before its address. */
const SUBNET_HEAD_OCTETS = 4;

/** The asker of the query at hand. */
export class Client implements Asker {
  exchange: Exchange | undefined;
  private readonly query: Query;

  constructor(query: Query) {
    this.query = query;
  }

  sourceHash(): number {
    const { exchange } = this;
    if (exchange === undefined) return 0;
    const { source, sourceStart, sourceLength } = exchange;
    return prefixHash(source, sourceStart, sourceLength, sourceLength === 4);
  }

  /**
   * Notes the scope of the answer, which holds for one prefix from now on. A subnet of 0 bits names
   * nobody and asks for no such answer (RFC 7871 section 7.1.2): the resolver's own address counts.
   */
  subnetHash(): number {
    const { query } = this;
    const { givenSubnet } = query;
    if (query.subnetOctets === 0 || givenSubnet[2] === 0) return this.sourceHash();
    const isIPv4 = givenSubnet[1] === FAMILY_4;
    query.subnetScope = isIPv4 ? PREFIX_BITS_4 : PREFIX_BITS_6;
    const octets = query.subnetOctets - SUBNET_HEAD_OCTETS;
    return prefixHash(givenSubnet, SUBNET_HEAD_OCTETS, octets, isIPv4);
  }
}

/** Octets that are not there count as zeros, as the bits behind a prefix do. */
function prefixHash(bytes: Uint8Array, at: number, octets: number, isIPv4: boolean): number {
  const wanted = (isIPv4 ? PREFIX_BITS_4 : PREFIX_BITS_6) >> 3;
  let hash = isIPv4 ? 4 : 6;
  for (let i = 0; i < wanted; i++) {
    hash = hashOctet(hash, i < octets ? (bytes[at + i] as number) : 0);
  }
  return mixed(hash);
}
