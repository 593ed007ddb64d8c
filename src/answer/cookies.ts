// Server cookies (RFC 7873) in the form that BIND, NSD, Knot and PowerDNS share (RFC 9018):
// version, timestamp, and SipHash over them and the asker's address. Secrets lie in shared memory,
// so that all threads change them together and a set of servers can share them.

import type { Exchange } from "./exchange.ts";
import { copyOctets, wordAt } from "./octets.ts";
import { sipHash } from "./siphash.ts";

/** Octets of a server's secret. */
const COOKIE_SECRET_OCTETS = 16;
/** Octets of the client's part, and of the server's. */
export const CLIENT_COOKIE_OCTETS = 8;
export const SERVER_COOKIE_OCTETS = 16;

const VERSION = 1;
/**
 * RFC 9018 section 4.3: taken for an hour, five minutes ahead at most, renewed after half an hour.
 */
const AGE_MAX_SECONDS = 3600;
const AHEAD_MAX_SECONDS = 300;
const RENEW_SECONDS = 1800;

const SECRET_WORDS = COOKIE_SECRET_OCTETS / 4;
/**
 * Words: a generation that is odd while secrets are written, then the active and the other secret.
 */
const GENERATION = 0;
const ACTIVE = 1;
const OTHER = ACTIVE + SECRET_WORDS;

/** Shared memory for the secrets; there are none yet, and no cookies, until they are set. */
export function createCookieSecrets(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (OTHER + SECRET_WORDS));
}

/**
 * Sets the secrets, for all threads at once: cookies are made with `active`, and taken when made
 * with either. To change the secret of several servers: first everywhere as `other`, then as
 * `active` with the old one as `other`, then, an hour later, alone (RFC 9018 section 5). One thread
 * only may call.
 */
export function setCookieSecrets(
  secrets: SharedArrayBuffer,
  active: Uint8Array,
  other: Uint8Array = active,
): void {
  const words = new Int32Array(secrets);
  const octets = new Uint8Array(secrets);
  // A predecessor may have died at it: the generation is made odd, not merely raised.
  const writing = Atomics.load(words, GENERATION) | 1;
  Atomics.store(words, GENERATION, writing);
  octets.set(active.subarray(0, COOKIE_SECRET_OCTETS), ACTIVE * 4);
  octets.set(other.subarray(0, COOKIE_SECRET_OCTETS), OTHER * 4);
  Atomics.store(words, GENERATION, (writing + 1) | 0 || 2);
}

/** What a cookie was found to be. */
export const COOKIE = { invalid: 0, valid: 1, stale: 2 } as const;

/** One thread's maker and judge of server cookies. */
export class CookieJar {
  private readonly shared: Int32Array;
  private generation = 0;
  private readonly active = new Int32Array(SECRET_WORDS);
  private readonly other = new Int32Array(SECRET_WORDS);
  /** Client cookie, version, reserved, timestamp, address; and room for the hash's last block. */
  private readonly input = new Int32Array(12);
  private readonly inputOctets = new Uint8Array(this.input.buffer);
  private readonly hash = new Int32Array(2);
  private readonly hashOctets = new Uint8Array(this.hash.buffer);

  constructor(secrets: SharedArrayBuffer) {
    this.shared = new Int32Array(secrets);
  }

  /** Whether there are secrets; takes up new ones. Call it before the others, for each query. */
  isReady(): boolean {
    const generation = Atomics.load(this.shared, GENERATION);
    if (generation === this.generation) return generation !== 0;
    // Half-written secrets are left for the next query; the old ones do until then.
    if ((generation & 1) === 1) return this.generation !== 0;
    for (let i = 0; i < SECRET_WORDS; i++) {
      this.active[i] = this.shared[ACTIVE + i] as number;
      this.other[i] = this.shared[OTHER + i] as number;
    }
    if (Atomics.load(this.shared, GENERATION) === generation) this.generation = generation;
    return this.generation !== 0;
  }

  /** Judges the first `length` octets of `given`, a query's cookie: one of `COOKIE`. */
  judge(exchange: Exchange, given: Uint8Array, length: number): number {
    if (length !== CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS) return COOKIE.invalid;
    if (given[CLIENT_COOKIE_OCTETS] !== VERSION) return COOKIE.invalid;
    const age = (exchange.nowSeconds - wordAt(given, 12)) | 0;
    if (age > AGE_MAX_SECONDS || age < -AHEAD_MAX_SECONDS) return COOKIE.invalid;
    const { inputOctets } = this;
    copyOctets(given, 0, 16, inputOctets, 0);
    const size = this.addAddress(exchange);
    const isActive = this.isMadeWith(this.active, size, given);
    if (!isActive && !this.isMadeWith(this.other, size, given)) return COOKIE.invalid;
    return age > RENEW_SECONDS || !isActive ? COOKIE.stale : COOKIE.valid;
  }

  /** Writes a fresh server cookie for the client's that `given` begins with at `at` in `out`. */
  make(exchange: Exchange, given: Uint8Array, out: Uint8Array, at: number): void {
    const { nowSeconds } = exchange;
    const { inputOctets } = this;
    copyOctets(given, 0, CLIENT_COOKIE_OCTETS, inputOctets, 0);
    inputOctets[8] = VERSION;
    inputOctets[9] = inputOctets[10] = inputOctets[11] = 0;
    for (let i = 0; i < 4; i++) inputOctets[12 + i] = nowSeconds >>> (24 - i * 8);
    sipHash(this.input, this.addAddress(exchange), this.active, this.hash);
    for (let i = 0; i < 8; i++) {
      out[at + i] = inputOctets[8 + i] as number;
      out[at + 8 + i] = this.hashOctets[i] as number;
    }
  }

  /** Puts the asker's address behind the cookie; returns the octets to be hashed. */
  private addAddress({ source, sourceStart, sourceLength }: Exchange): number {
    const { inputOctets } = this;
    copyOctets(source, sourceStart, sourceLength, inputOctets, 16);
    // The hash reads whole words.
    for (let i = 16 + sourceLength; i < 48; i++) inputOctets[i] = 0;
    return 16 + sourceLength;
  }

  private isMadeWith(secret: Int32Array, size: number, given: Uint8Array): boolean {
    sipHash(this.input, size, secret, this.hash);
    // The hash's own end marks stay in the input: they are the same for both secrets.
    let difference = 0;
    for (let i = 0; i < 8; i++) {
      difference |= (this.hashOctets[i] as number) ^ (given[16 + i] as number);
    }
    return difference === 0;
  }
}
