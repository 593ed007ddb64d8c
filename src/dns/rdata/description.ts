// How a type's data is described: a list of fields. Parsing, printing, checking, name offsets and
// the canonical form all walk the same list, so that a type is written down once.

import type { Name } from "../name.ts";

/**
 * One word of a record's data as the master file has it: raw octets, one latin1 character each,
 * escapes not yet resolved, the enclosing quotes of a quoted string left out. A word that only
 * contains quotes (`alpn="h2,h3"`) is one token with its quotes in `text`.
 */
export interface RdataToken {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** The most octets one record's data can have (its length is 16 bits on the wire). */
export const RDATA_OCTETS_MAX = 0xffff;

/** Walks the tokens of one record; when a field fails, `at` is the token to blame. */
export class TokenCursor {
  readonly tokens: readonly RdataToken[];
  readonly origin: Name;
  at = 0;

  constructor(tokens: readonly RdataToken[], origin: Name) {
    this.tokens = tokens;
    this.origin = origin;
  }

  /** The text of the token at the cursor, or `undefined` at the end. */
  peek(): string | undefined {
    return this.tokens[this.at]?.text;
  }

  isAtEnd(): boolean {
    return this.at >= this.tokens.length;
  }
}

/** Octets under construction, big-endian. */
export class OctetWriter {
  private octets: Uint8Array;
  length = 0;

  /** @param capacity octets expected; an exact guess saves a copy. */
  constructor(capacity: number) {
    this.octets = new Uint8Array(capacity);
  }

  /** Appends the low `width` octets of `value`; `width` is 1 to 6. */
  uint(value: number, width: number): void {
    this.reserve(width);
    let rest = value;
    for (let i = width - 1; i >= 0; i--) {
      this.octets[this.length + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.length += width;
  }

  append(octets: ArrayLike<number>): void {
    this.reserve(octets.length);
    this.octets.set(octets, this.length);
    this.length += octets.length;
  }

  /** The octet at an offset of what was written. */
  octetAt(at: number): number {
    return at < this.length ? (this.octets[at] ?? 0) : 0;
  }

  /** Puts octets before what stands at `at`. */
  insert(at: number, octets: Uint8Array): void {
    this.reserve(octets.length);
    this.octets.copyWithin(at + octets.length, at, this.length);
    this.octets.set(octets, at);
    this.length += octets.length;
  }

  /** What was written; the writer is not used afterwards. */
  done(): Uint8Array {
    return this.length === this.octets.length ? this.octets : this.octets.slice(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.octets.length) return;
    const grown = new Uint8Array(Math.max(this.octets.length * 2, this.length + count));
    grown.set(this.octets.subarray(0, this.length));
    this.octets = grown;
  }
}

/** One part of a type's data. */
export interface Field {
  /**
   * Takes its tokens from the cursor and appends its octets.
   *
   * @returns `undefined`, or what was expected instead, the cursor resting on the token to blame.
   */
  read(cursor: TokenCursor, out: OctetWriter): string | undefined;
  /** The offset behind the field that starts at `at`, or -1 where no valid one does. */
  skip(octets: Uint8Array, at: number, end: number): number;
  /** Text of a field that `skip` accepted from `at` to `end`; "" prints nothing at all. */
  print(octets: Uint8Array, at: number, end: number): string;
  /** Offsets of the names in a field that `skip` accepted; left out where there are none. */
  names?(octets: Uint8Array, at: number, end: number): readonly number[];
}

/** One RR type: its fields in wire order, and how its names are treated. */
export interface RdataDescription {
  readonly type: number;
  readonly fields: readonly Field[];
  /** Octets to reserve when parsing; exact for types of fixed size. */
  readonly sizeOctets?: number;
  /**
   * What senders, receivers and signers may do to its names. "well-known": compressed by senders,
   * decompressed by receivers (RFC 3597 section 4), lowered by signers (RFC 4034 section 6.2);
   * "early": decompressed and lowered; "lowered": only that; left alone by default.
   */
  readonly names?: "well-known" | "early" | "lowered";
  /** A rule that spans fields; says what was expected, or `undefined` where the data is sound. */
  readonly rule?: (octets: Uint8Array) => string | undefined;
}
