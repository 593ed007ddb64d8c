// Whether an asker is in a list of address prefixes, at the price of one look for those who are not.

import type { Exchange } from "./exchange.ts";

/** An address prefix: 4 or 16 network-order octets, and bits counted from the left. */
export interface AddressPrefix {
  readonly address: Uint8Array;
  readonly bits: number;
}

const PREFIXES_MAX = 64;
const IPV6 = 256;

/** A list of at most 64 prefixes; more are left out. */
export class Prefixes {
  private readonly prefixes: readonly AddressPrefix[];
  /** By the first octet of the address, IPv6 behind IPv4: 1 where a prefix may fit. */
  private readonly first = new Uint8Array(512);

  constructor(prefixes: readonly AddressPrefix[]) {
    this.prefixes = prefixes.slice(0, PREFIXES_MAX);
    for (const { address, bits } of this.prefixes) {
      const octet = address[0] ?? 0;
      const mask = bits >= 8 ? 0xff : 0xff00 >> bits;
      for (let i = 0; i < 256; i++) {
        if (((i ^ octet) & mask & 0xff) !== 0) continue;
        this.first[i + (address.length === 4 ? 0 : IPV6)] = 1;
      }
    }
  }

  /** Whether the asker's address lies in one of them. */
  has({ source, sourceStart, sourceLength }: Exchange): boolean {
    const family = sourceLength === 4 ? 0 : IPV6;
    if (this.first[(source[sourceStart] as number) + family] === 0) return false;
    for (let i = 0; i < this.prefixes.length; i++) {
      const { address, bits } = this.prefixes[i] as AddressPrefix;
      if (address.length === sourceLength && isPrefix(address, bits, source, sourceStart)) {
        return true;
      }
    }
    return false;
  }
}

function isPrefix(prefix: Uint8Array, bits: number, source: Uint8Array, at: number): boolean {
  for (let i = 0; i * 8 < bits; i++) {
    const kept = bits - i * 8;
    const difference = (prefix[i] as number) ^ (source[at + i] as number);
    if ((kept < 8 ? difference & (0xff00 >> kept) : difference) !== 0) return false;
  }
  return true;
}
