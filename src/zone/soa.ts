// The SOA record (RFC 1035 section 3.3.13), taken apart and put together.

import { AppError } from "../base/errors.ts";
import type { Name } from "../dns/name.ts";
import { readU32, writeU32 } from "./pack.ts";
import type { RRset } from "./rrset.ts";

/** The fields of an SOA record. Names in wire form; times in seconds, 0 to 2^32 - 1. */
export interface Soa {
  readonly mname: Name;
  readonly rname: Name;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** The TTL of negative answers, with the SOA's own TTL as its upper limit (RFC 2308 section 4). */
  readonly minimum: number;
}

/** Octets behind the two names: five numbers of 32 bits. */
const NUMBERS_OCTETS = 20;

/** The rdata is no SOA in wire form. */
export class SoaError extends AppError {
  override readonly code = "SOA_BAD";

  constructor() {
    super("Cannot read SOA: its rdata is not in wire form");
  }
}

/** Takes an SOA's rdata apart; the names share its memory. @throws SoaError */
export function readSoa(rdata: Uint8Array): Soa {
  const mnameEnd = nameEnd(rdata, 0);
  const rnameEnd = nameEnd(rdata, mnameEnd);
  if (rnameEnd + NUMBERS_OCTETS !== rdata.length) throw new SoaError();
  return {
    mname: rdata.subarray(0, mnameEnd),
    rname: rdata.subarray(mnameEnd, rnameEnd),
    serial: readU32(rdata, rnameEnd),
    refresh: readU32(rdata, rnameEnd + 4),
    retry: readU32(rdata, rnameEnd + 8),
    expire: readU32(rdata, rnameEnd + 12),
    minimum: readU32(rdata, rnameEnd + 16),
  };
}

/** The same SOA RRset with another serial; the given one is left as it is. */
export function withSerial(soa: RRset, serial: number): RRset {
  const rdatas = soa.rdatas.map((rdata) => {
    if (rdata.length < NUMBERS_OCTETS) throw new SoaError();
    const changed = rdata.slice();
    writeU32(changed, rdata.length - NUMBERS_OCTETS, serial >>> 0);
    return changed;
  });
  return { ...soa, rdatas };
}

function nameEnd(rdata: Uint8Array, start: number): number {
  let at = start;
  while (at < rdata.length && rdata[at] !== 0) at += 1 + (rdata[at] ?? 0);
  if (at >= rdata.length) throw new SoaError();
  return at + 1;
}
