// One query being answered: what was asked, what is known of it, and what the answer is to say.
// Numbers in fixed places, filled anew for every packet; the stages pass it from hand to hand.

import { TYPE } from "../dns/types.ts";
import { RECORD_TTL_AT } from "../image/layout.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import type { RRsetView } from "../image/rrset-view.ts";

/** What a stage says: go on with the next one, send what stands, stay silent, or pass it to sessions. */
export const STEP = { go: 0, done: 1, silent: 2, handOver: 3 } as const;

/** Octets of a message's header. */
export const HEADER_OCTETS = 12;

/** No name was read ahead; -1 is that of one that is none. */
export const NAME_UNREAD = -2;

/** No extended error: the answer says all there is to say. */
export const EDE_NONE = -1;

/** Live RRsets in one answer: more than its aliases and hosts can bring along. */
const NOTED_MAX = 256;
/** What the ledger needs of each: words of `Query.notes`. */
export const NOTED_SLOT = 0;
export const NOTED_ERA = 1;
export const NOTED_VARIANT = 2;
export const NOTED_TTL = 3;
export const NOTED_WORDS = 4;

/** RFC 7873 section 4: a client's 8 octets and a server's 32. */
const COOKIE_OCTETS_MAX = 40;
/** RFC 7871 section 6: family, two lengths, and an IPv6 address. */
const SUBNET_OCTETS_MAX = 20;

/** Kinds of answers, each with a budget of its own in the rate limit. */
export const KIND = { error: 0, positive: 1, nodata: 2, nxdomain: 3, referral: 4, any: 5 } as const;

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

  /** The question's name; and where it ends in the packet if it was read ahead, or `NAME_UNREAD`. */
  name = new NameBuffer();
  nameEnd = NAME_UNREAD;
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
  /** Live RRsets that the answer holds, for the ledger: how many, and of each what it needs. */
  noted = 0;
  readonly notes = new Int32Array(NOTED_MAX * NOTED_WORDS);

  /** Whether the query has an OPT record: then so has its answer (RFC 6891 section 6.1.1). */
  hasOpt = false;
  /** EDNS version of the query. */
  version = 0;
  /** The asker's UDP size, 512 or more. */
  udpSize = 512;
  /** Whether it understands DNSSEC (DO), which the answer repeats (RFC 3225 section 3). */
  isDnssecOk = false;
  /** Where the answer must end at the latest. */
  limit = 0;

  /** The cookie, copied: the answer may be written where the packet was. Its octets, 0 for none. */
  readonly givenCookie = new Uint8Array(COOKIE_OCTETS_MAX);
  cookieOctets = 0;
  /** One of `COOKIE`, once judged. */
  cookie = 0;
  /** The client subnet, copied: family, two lengths, address. Its octets, 0 for none. */
  readonly givenSubnet = new Uint8Array(SUBNET_OCTETS_MAX);
  subnetOctets = 0;
  /** Bits of the subnet that the answer holds for (RFC 7871 section 7.2.1); 0: for everybody. */
  subnetScope = 0;
  /** Whether a TSIG record came along. */
  isSigned = false;
  isNsidAsked = false;
  isKeepaliveAsked = false;
  isPaddingAsked = false;
  /** Extended error to be told (RFC 8914), or `EDE_NONE`. */
  extendedError = EDE_NONE;
  /** What kind of answer it is, for the rate limit: one of `KIND`. */
  kind = 0;

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
    this.noted = 0;
    this.hasOpt = false;
    this.version = 0;
    this.udpSize = 512;
    this.isDnssecOk = false;
    this.limit = 0;
    this.cookieOctets = 0;
    this.cookie = 0;
    this.subnetOctets = 0;
    this.subnetScope = 0;
    this.isSigned = false;
    this.isNsidAsked = false;
    this.isKeepaliveAsked = false;
    this.isPaddingAsked = false;
    this.extendedError = EDE_NONE;
    this.kind = KIND.error;
  }

  /** Notes that the answer holds a live RRset; the SOA, which is live too, is no pool's. */
  note(view: RRsetView): void {
    const { at } = view;
    const high = ttlOctet(view, at) << 24;
    const low = (ttlOctet(view, at + 1) << 16) | (ttlOctet(view, at + 2) << 8);
    this.noteFor(view, high | low | ttlOctet(view, at + 3));
  }

  /** Notes a live RRset that is answered for `ttl` seconds: one without records, by its SOA. */
  noteFor(view: RRsetView, ttl: number): void {
    if (view.type === TYPE.SOA || this.noted === NOTED_MAX) return;
    const { notes } = this;
    const at = this.noted++ * NOTED_WORDS;
    notes[at + NOTED_SLOT] = view.slot;
    notes[at + NOTED_ERA] = view.era;
    notes[at + NOTED_VARIANT] = view.variant;
    notes[at + NOTED_TTL] = Math.max(0, ttl);
  }

  /** Takes all records back; the rcode and the question stay. */
  dropSections(): void {
    this.isAuthoritative = false;
    this.answers = 0;
    this.authorities = 0;
    this.additionals = 0;
    this.liveSlot = -1;
    this.subnetScope = 0;
    this.noted = 0;
  }
}

function ttlOctet(view: RRsetView, at: number): number {
  return view.bytes[at + RECORD_TTL_AT] as number;
}
