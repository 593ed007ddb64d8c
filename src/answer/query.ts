// One query being answered: what was asked, what is known of it, and what the answer is to say.
// Numbers in fixed places, filled anew for every packet; the stages pass it from hand to hand.

import { NameBuffer } from "../image/name-buffer.ts";

/** What a stage says: go on with the next one, send what stands, or stay silent. */
export const STEP = { go: 0, done: 1, silent: 2 } as const;

/** Octets of a message's header. */
export const HEADER_OCTETS = 12;

/** State of one query. All places are absolute in their memory unless said otherwise. */
export class Query {
  packet: Uint8Array = new Uint8Array(0);
  start = 0;
  /** Where the packet ends. */
  end = 0;
  out: Uint8Array = new Uint8Array(0);
  outStart = 0;
  transport = 0;
  /** Octets 2 and 3 of the query's header. */
  headerFlags = 0;

  /** The question's name. */
  readonly name = new NameBuffer();
  type = 0;
  class = 0;
  /** Octets of the question section in the answer; 0 where it is not repeated. */
  questionOctets = 0;
  /** Where the question ends in the packet. */
  questionEnd = 0;

  rcode = 0;
  isAuthoritative = false;
  isTruncated = false;
  answers = 0;
  authorities = 0;
  additionals = 0;
  /** Slot of the live RRset that the answer section holds, or -1. */
  liveSlot = -1;

  /** Whether the query has an OPT record: then so has its answer (RFC 6891 section 6.1.1). */
  hasOpt = false;
  /** EDNS version of the query. */
  version = 0;
  /** The asker's UDP size, 512 or more. */
  udpSize = 512;
  /** Whether it understands DNSSEC (DO), which the answer repeats (RFC 3225 section 3). */
  isDnssecOk = false;
  /** Octets kept free at the end of the answer for the OPT record. */
  optOctets = 0;

  /** Forgets the last query. */
  clear(): void {
    this.headerFlags = 0;
    this.type = 0;
    this.class = 0;
    this.questionOctets = 0;
    this.rcode = 0;
    this.isAuthoritative = false;
    this.isTruncated = false;
    this.answers = 0;
    this.authorities = 0;
    this.additionals = 0;
    this.liveSlot = -1;
    this.hasOpt = false;
    this.version = 0;
    this.udpSize = 512;
    this.isDnssecOk = false;
    this.optOctets = 0;
  }
}
