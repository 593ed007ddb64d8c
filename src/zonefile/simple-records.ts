// The fast way for the lines that large files are made of: `owner [ttl] [class] type value` on one
// line without escapes, quotes or parentheses, the type one of A, AAAA, NS, CNAME and PTR. It reads
// octets straight into wire form. Whatever it does not take, right or wrong, is left untouched for
// `entry.ts`, which has the messages: nothing is refused here.

import { NAME_OCTETS_MAX, type Name } from "../dns/name.ts";
import { TTL_MAX } from "../dns/ttl.ts";
import { TYPE } from "../dns/types.ts";
import { BLANK, COLON, DOLLAR, DOT, KIND, LF, ORDINARY, SEMICOLON } from "./octets.ts";
import { NOT_PLAIN } from "./plain-name.ts";
import { type OpenFile, type Reading, TTL_UNKNOWN } from "./reading.ts";

const NOT_SIMPLE = NOT_PLAIN;
const WORD_LETTERS_MAX = 5;
const WORD = {
  IN: packed("IN"),
  A: packed("A"),
  AAAA: packed("AAAA"),
  NS: packed("NS"),
  CNAME: packed("CNAME"),
  PTR: packed("PTR"),
} as const;

/** Reads runs of simple lines; one for each parse, since it owns the memory that data is put in. */
export class SimpleRecords {
  readonly #reading: Reading;
  readonly #quad = new Uint8Array(4);
  readonly #groups = new Uint8Array(16);
  readonly #name = new Uint8Array(NAME_OCTETS_MAX + 1);
  readonly #names: (Uint8Array | undefined)[] = [];
  /** Results of the readers below, beside the offset that they return. */
  #type = 0;
  #ttl = TTL_UNKNOWN;
  #word = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Reads on from a line's start, and stops at the start of the first line that is not simple. */
  read(file: OpenFile): void {
    const { lexer, origin } = file;
    const { bytes } = lexer;
    const end = bytes.length;
    let { at, line } = lexer;
    while (at < end) {
      const next = this.#readLine(bytes, at, line, origin);
      if (next === NOT_SIMPLE) break;
      at = next;
      line++;
    }
    lexer.at = Math.min(at, end);
    lexer.line = line;
    lexer.lineStart = lexer.at;
  }

  /** Offset behind the line, or `NOT_SIMPLE`. */
  #readLine(bytes: Uint8Array, start: number, line: number, origin: Name): number {
    const reading = this.#reading;
    const first = bytes[start] ?? LF;
    if (first === LF || first === SEMICOLON) return endOfLine(bytes, start);
    let at = start;
    let length = reading.ownerLength;
    if (KIND[first] === BLANK) {
      at = behindBlanks(bytes, at);
      const next = bytes[at] ?? LF;
      if (next === LF || next === SEMICOLON) return endOfLine(bytes, at);
      if (length === 0) return NOT_SIMPLE;
    } else {
      if (first === DOLLAR) return NOT_SIMPLE;
      at = reading.plainName.read(bytes, at, origin, reading.ownerOctets);
      if (at === NOT_SIMPLE || KIND[bytes[at] ?? LF] !== BLANK) return NOT_SIMPLE;
      length = reading.plainName.length;
      at = behindBlanks(bytes, at);
    }
    at = this.#readHeader(bytes, at);
    if (at === NOT_SIMPLE) return NOT_SIMPLE;
    const ttl = this.#ttl === TTL_UNKNOWN ? reading.impliedTtl : this.#ttl;
    if (ttl === TTL_UNKNOWN) return NOT_SIMPLE;
    const type = this.#type;
    let rdata: Uint8Array;
    if (type === TYPE.A) {
      rdata = this.#quad;
      at = readQuad(bytes, at, rdata);
    } else if (type === TYPE.AAAA) {
      rdata = this.#groups;
      at = readGroups(bytes, at, rdata);
    } else {
      at = reading.plainName.read(bytes, at, origin, this.#name);
      rdata = this.#nameView();
    }
    if (at === NOT_SIMPLE) return NOT_SIMPLE;
    at = behindBlanks(bytes, at);
    const last = bytes[at] ?? LF;
    if (last !== LF && last !== SEMICOLON) return NOT_SIMPLE;
    reading.ownerLength = length;
    if (this.#ttl !== TTL_UNKNOWN) reading.noteTtl(ttl);
    reading.emit(reading.owner, type, ttl, rdata, line);
    return endOfLine(bytes, at);
  }

  #nameView(): Uint8Array {
    const { length } = this.#reading.plainName;
    this.#names[length] ??= this.#name.subarray(0, length);
    return this.#names[length];
  }

  /** Reads a TTL in plain seconds, the class and the type, in either order; stops at the data. */
  #readHeader(bytes: Uint8Array, start: number): number {
    let at = start;
    let hasClass = false;
    this.#ttl = TTL_UNKNOWN;
    for (;;) {
      const first = (bytes[at] ?? LF) - 0x30;
      if (first >= 0 && first <= 9) {
        if (this.#ttl !== TTL_UNKNOWN) return NOT_SIMPLE;
        at = this.#readTtl(bytes, at);
      } else {
        at = this.#readWord(bytes, at);
      }
      if (at === NOT_SIMPLE || KIND[bytes[at] ?? LF] !== BLANK) return NOT_SIMPLE;
      at = behindBlanks(bytes, at);
      if (first >= 0 && first <= 9) continue;
      switch (this.#word) {
        case WORD.IN:
          if (hasClass) return NOT_SIMPLE;
          hasClass = true;
          continue;
        case WORD.A:
          this.#type = TYPE.A;
          return at;
        case WORD.AAAA:
          this.#type = TYPE.AAAA;
          return at;
        case WORD.NS:
          this.#type = TYPE.NS;
          return at;
        case WORD.CNAME:
          this.#type = TYPE.CNAME;
          return at;
        case WORD.PTR:
          this.#type = TYPE.PTR;
          return at;
        default:
          return NOT_SIMPLE;
      }
    }
  }

  #readTtl(bytes: Uint8Array, start: number): number {
    let at = start;
    let value = 0;
    for (; ; at++) {
      const digit = (bytes[at] ?? LF) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > TTL_MAX) return NOT_SIMPLE;
    }
    this.#ttl = value;
    return at;
  }

  /** Packs a short word of letters, without regard to case, into a number. */
  #readWord(bytes: Uint8Array, start: number): number {
    let at = start;
    let word = 0;
    for (; ; at++) {
      const letter = (bytes[at] ?? LF) | 0x20;
      if (letter < 0x61 || letter > 0x7a) break;
      if (at - start === WORD_LETTERS_MAX) return NOT_SIMPLE;
      word = (word << 5) | (letter & 0x1f);
    }
    this.#word = word;
    return at;
  }
}

function behindBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (KIND[bytes[at] ?? LF] === BLANK) at++;
  return at;
}

/** Offset behind the line's end; `start` is in no quoted string and no parentheses. */
function endOfLine(bytes: Uint8Array, start: number): number {
  let at = start;
  while ((bytes[at] ?? LF) !== LF) at++;
  return at + 1;
}

/** A dotted quad without leading zeros, which some programs would read as octal. */
function readQuad(bytes: Uint8Array, start: number, out: Uint8Array): number {
  let at = start;
  for (let i = 0; i < 4; i++) {
    const first = (bytes[at] ?? LF) - 0x30;
    if (first < 0 || first > 9) return NOT_SIMPLE;
    let value = first;
    at++;
    for (let digits = 1; digits < 3 && value > 0; digits++) {
      const digit = (bytes[at] ?? LF) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    if (value > 255) return NOT_SIMPLE;
    out[i] = value;
    if (i < 3 && bytes[at++] !== DOT) return NOT_SIMPLE;
  }
  return endsWord(bytes, at) ? at : NOT_SIMPLE;
}

/** IPv6 text (RFC 4291 section 2.2) without an IPv4 tail. */
function readGroups(bytes: Uint8Array, start: number, out: Uint8Array): number {
  let at = start;
  let to = 0;
  let gap = -1;
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return NOT_SIMPLE;
    at += 2;
    gap = 0;
  }
  while (!endsWord(bytes, at)) {
    if (to === 16) return NOT_SIMPLE;
    let value = 0;
    let digits = 0;
    for (; digits < 4; digits++) {
      const digit = hexDigit(bytes[at] ?? LF);
      if (digit < 0) break;
      value = value * 16 + digit;
      at++;
    }
    if (digits === 0) return NOT_SIMPLE;
    out[to++] = value >>> 8;
    out[to++] = value & 0xff;
    if (endsWord(bytes, at)) break;
    if (bytes[at++] !== COLON) return NOT_SIMPLE;
    if (bytes[at] === COLON) {
      if (gap >= 0) return NOT_SIMPLE;
      gap = to;
      at++;
    } else if (endsWord(bytes, at)) {
      return NOT_SIMPLE;
    }
  }
  if (gap < 0) return to === 16 ? at : NOT_SIMPLE;
  if (to === 16) return NOT_SIMPLE;
  const shift = 16 - to;
  out.copyWithin(gap + shift, gap, to);
  out.fill(0, gap, gap + shift);
  return at;
}

function endsWord(bytes: Uint8Array, at: number): boolean {
  const octet = bytes[at] ?? LF;
  return KIND[octet] !== ORDINARY && (octet === LF || octet === SEMICOLON || KIND[octet] === BLANK);
}

function hexDigit(octet: number): number {
  const digit = octet - 0x30;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (octet | 0x20) - 0x61;
  return letter >= 0 && letter <= 5 ? letter + 10 : -1;
}

function packed(word: string): number {
  let value = 0;
  for (const letter of word) value = (value << 5) | (letter.charCodeAt(0) & 0x1f);
  return value;
}
