// What an operator may choose about answers, as the responder takes it. Structured-clonable: the
// supervisor sends it to every thread.

import type { AddressPrefix } from "./prefixes.ts";

/** Settings of a responder; take `DEFAULT_ANSWER_SETTINGS` and change what differs. */
export interface AnswerSettings {
  /** The largest answer over UDP, octets, 512 to 4096, however much the asker offers. */
  readonly udpSizeMax: number;
  /** Whether records of one RRset take turns in being the first. */
  readonly isRotating: boolean;
  /**
   * Whether transfers, NOTIFY, UPDATE and signed requests are handed over to the transport, which has
   * sessions for them; absent: they are refused.
   */
  readonly hasSessions?: boolean;
  /** Octets told to who asks which server this is (NSID, RFC 5001), 1 to 128; absent: not told. */
  readonly nsid?: Uint8Array;
  /** Texts of class CH, up to 255 octets each; an absent one is refused (RFC 4892 for the ids). */
  readonly chaos?: {
    /** version.bind and version.server */
    readonly version?: string;
    /** hostname.bind and id.server */
    readonly identity?: string;
  };
  /**
   * Who is told why a pool answers what it answers: an extended error's text (RFC 8914), and class CH
   * below "livezone", which sessions answer. Absent: nobody.
   */
  readonly explainTo?: readonly AddressPrefix[];
  /** Secrets of `createCookieSecrets`; absent: cookies are passed over. */
  readonly cookieSecrets?: SharedArrayBuffer;
  /** Absent: answers are not limited. */
  readonly rateLimit?: RateLimitSettings;
}

/** Response rate limiting over UDP, for each address prefix and kind of answer. */
export interface RateLimitSettings {
  /** Answers a second; divided by the threads, each of which counts for itself. */
  readonly perSecond: number;
  readonly threads: number;
  /** Seconds of excess that are remembered and have to be paid back: 1 to 60. */
  readonly windowSeconds: number;
  /**
   * Every so-many-th answer over the limit is sent empty with TC, the others not at all; 0: none.
   */
  readonly slip: number;
  /** Addresses of one prefix share their budget: bits, 0 to 32 and 0 to 128. */
  readonly prefixBits4: number;
  readonly prefixBits6: number;
  /** Never limited: prefixes of 4 or 16 octets. At most 64. */
  readonly allow: readonly AddressPrefix[];
  /** Any number that attackers cannot know: it decides which prefixes share a place. */
  readonly seed: number;
  /** Budgets that are kept for each thread; rounded up to a power of two. */
  readonly places: number;
}

/** As NSD does; loopback is allowed. `seed` and `threads` are the caller's to set. */
export const DEFAULT_RATE_LIMIT: RateLimitSettings = {
  perSecond: 200,
  threads: 1,
  windowSeconds: 15,
  slip: 2,
  prefixBits4: 24,
  prefixBits6: 56,
  allow: [
    { address: Uint8Array.of(127, 0, 0, 0), bits: 8 },
    { address: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), bits: 128 },
  ],
  seed: 0,
  places: 65_536,
};

/** 1232 octets avoid fragments on every path (DNS flag day 2020). */
export const DEFAULT_ANSWER_SETTINGS: AnswerSettings = {
  udpSizeMax: 1232,
  isRotating: true,
};
