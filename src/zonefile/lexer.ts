// Octets to tokens, one entry (a logical line: parentheses join lines) at a time. Tokens are offsets
// into the file; text is made on request. It knows nothing of names, types or directives.

import {
  BACKSLASH,
  CLOSE,
  CR,
  EQUALS,
  KIND,
  LF,
  NEWLINE,
  OPEN,
  ORDINARY,
  QUOTE,
  SEMICOLON,
} from "./octets.ts";

/** No more tokens: the cursor is behind the entry. */
export const END = 0;
/** A bare word, escapes not resolved. */
export const WORD = 1;
/** What stands between two quotes, escapes not resolved. */
export const QUOTED = 2;
/** The entry cannot be read on: see `fault`. The cursor is where reading may resume. */
export const FAULT = 3;

export type TokenKind = typeof END | typeof WORD | typeof QUOTED | typeof FAULT;

/** A place of the file that the lexer has in hand. */
export interface Spot {
  readonly at: number;
  readonly line: number;
  readonly lineStart: number;
}

interface Fault extends Spot {
  readonly message: string;
}

/**
 * The most octets one entry may span, comments inside parentheses included: four times what 65535
 * octets of data need when each is written as \DDD. It also bounds the search for a parenthesis or
 * quote that nobody closed.
 */
const ENTRY_OCTETS_MAX = 1_048_576;
/** The most tokens of one entry: more than the longest data has octets. */
const TOKENS_MAX = 131_072;

const REACH_MIN = 4096;

/** The cursor in one file, and the tokens of the entry it is in. */
export class Lexer {
  readonly bytes: Uint8Array;
  readonly #text: Buffer;
  /** Offset of the next octet to read. */
  at = 0;
  /** Number of the line that `at` is in, from 1. */
  line = 1;
  /** Offset of that line's first octet. */
  lineStart = 0;
  /** How many tokens of the entry have been read. */
  count = 0;
  fault: Fault | undefined;
  /** Whether `key="two words"` is one token (RFC 9460 section 2.1); elsewhere a quote parts words. */
  hasPairs = false;
  #isEnded = true;
  #entryStart = 0;
  /** Octets that an entry with an open parenthesis may span. */
  #reach = ENTRY_OCTETS_MAX;
  #depth = 0;
  #open: Spot = { at: 0, line: 1, lineStart: 0 };
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  #lines = new Int32Array(64);
  #lineStarts = new Int32Array(64);
  #kinds = new Uint8Array(64);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Forgets the tokens before; the cursor is at the start of a line. */
  begin(): void {
    this.count = 0;
    this.fault = undefined;
    this.hasPairs = false;
    this.#isEnded = false;
    this.#entryStart = this.at;
    this.#depth = 0;
  }

  /** Reads the entry's next token; once `END` or `FAULT` was told, it is told again. */
  next(): TokenKind {
    if (this.#isEnded) return this.fault === undefined ? END : FAULT;
    const { bytes } = this;
    for (;;) {
      const octet = bytes[this.at];
      if (octet === undefined) return this.#depth > 0 ? this.#unclosedParenthesis() : this.#end();
      const kind = KIND[octet];
      if (kind === ORDINARY || octet === BACKSLASH) return this.#word();
      if (octet === QUOTE) return this.#quoted();
      if (octet === SEMICOLON) {
        const newline = bytes.indexOf(LF, this.at);
        this.at = newline < 0 ? bytes.length : newline;
        continue;
      }
      if (octet === OPEN && this.#depth++ === 0) this.#open = this.#here();
      if (octet === CLOSE && this.#depth-- === 0) return this.#unopened();
      this.at++;
      if (kind !== NEWLINE) continue;
      this.#nextLine(this.at);
      if (this.#depth === 0) return this.#end();
      if (this.#isTooLong(this.at)) return this.#unclosedParenthesis();
    }
  }

  /** Leaves the entry. A fault met on the way is told, since it says where the entry really ends. */
  skipEntry(): void {
    while (!this.#isEnded) this.next();
  }

  /** The token's octets, one character each (latin1), quotes left out, escapes not resolved. */
  text(token: number): string {
    return this.#text.toString("latin1", this.#starts[token] ?? 0, this.#ends[token] ?? 0);
  }

  isQuoted(token: number): boolean {
    return this.#kinds[token] === QUOTED;
  }

  /** Where a token begins, its opening quote included; behind the last token for any beyond it. */
  spot(token: number): Spot {
    if (token >= this.count) return this.#behindLast();
    return {
      at: (this.#starts[token] ?? 0) - (this.isQuoted(token) ? 1 : 0),
      line: this.#lines[token] ?? 0,
      lineStart: this.#lineStarts[token] ?? 0,
    };
  }

  #behindLast(): Spot {
    const last = this.count - 1;
    if (last < 0) return this.#here();
    const at = (this.#ends[last] ?? 0) + (this.isQuoted(last) ? 1 : 0);
    let { line, lineStart } = this.spot(last);
    // A quoted string may end on a later line than it began on.
    for (let i = this.#starts[last] ?? 0; i < at; i++) {
      if (this.bytes[i] !== LF) continue;
      line++;
      lineStart = i + 1;
    }
    return { at, line, lineStart };
  }

  #word(): TokenKind {
    const { bytes } = this;
    const from = this.#here();
    let at = this.at;
    for (;;) {
      const octet = bytes[at] ?? LF;
      if (KIND[octet] === ORDINARY) {
        at++;
      } else if (octet === BACKSLASH) {
        const escaped = bytes[at + 1] ?? LF;
        if (escaped === LF || escaped === CR) return this.#loneBackslash(at);
        at += 2;
      } else if (octet === QUOTE && this.hasPairs && bytes[at - 1] === EQUALS && at > from.at) {
        const close = this.#closingQuote(at);
        if (close < 0) return FAULT;
        at = close + 1;
      } else {
        break;
      }
    }
    return this.#push(from, { start: from.at, end: at, behind: at, kind: WORD });
  }

  #quoted(): TokenKind {
    const from = this.#here();
    const close = this.#closingQuote(from.at);
    if (close < 0) return FAULT;
    return this.#push(from, { start: from.at + 1, end: close, behind: close + 1, kind: QUOTED });
  }

  /**
   * Offset of the quote that closes the one at `open`, or -1 after a fault. RFC 1035 lets a string
   * hold any character; without parentheses a line end is taken for a forgotten quote all the same,
   * as BIND does, since the mistake is far more common than the wish.
   */
  #closingQuote(open: number): number {
    const { bytes } = this;
    const spot = { at: open, line: this.line, lineStart: this.lineStart };
    for (let at = open + 1; at < bytes.length; at++) {
      const octet = bytes[at];
      if (octet === QUOTE) return at;
      let isEscaped = false;
      if (octet === BACKSLASH) {
        at++;
        if (bytes[at] === CR && bytes[at + 1] === LF) at++;
        isEscaped = true;
      }
      if (bytes[at] !== LF) continue;
      if (this.#depth === 0 && !isEscaped) break;
      if (this.#isTooLong(at)) break;
      this.#nextLine(at + 1);
    }
    this.#unclosedQuote(spot);
    return -1;
  }

  #push(
    from: Spot,
    token: { start: number; end: number; behind: number; kind: typeof WORD | typeof QUOTED },
  ): TokenKind {
    this.at = token.behind;
    if (this.count === TOKENS_MAX || this.#isTooLong(this.at)) {
      if (this.#depth > 0) return this.#unclosedParenthesis();
      return this.#fail(
        from,
        `Cannot read record: it has more than ${TOKENS_MAX} fields or ${ENTRY_OCTETS_MAX} octets`,
      );
    }
    if (this.count === this.#starts.length) this.#grow();
    this.#starts[this.count] = token.start;
    this.#ends[this.count] = token.end;
    this.#lines[this.count] = from.line;
    this.#lineStarts[this.count] = from.lineStart;
    this.#kinds[this.count] = token.kind;
    this.count++;
    return token.kind;
  }

  #grow(): void {
    const size = this.#starts.length * 2;
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const wider = new Int32Array(size);
      wider.set(old);
      return wider;
    };
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#lines = grown(this.#lines);
    this.#lineStarts = grown(this.#lineStarts);
    const kinds = new Uint8Array(size);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }

  #isTooLong(end: number): boolean {
    return end - this.#entryStart > (this.#depth > 0 ? this.#reach : ENTRY_OCTETS_MAX);
  }

  #here(): Spot {
    return { at: this.at, line: this.line, lineStart: this.lineStart };
  }

  #nextLine(start: number): void {
    this.line++;
    this.lineStart = start;
  }

  #end(): TokenKind {
    this.#isEnded = true;
    return END;
  }

  #unclosedParenthesis(): TokenKind {
    const state = '"(" is not closed before the file ends or the record grows too long';
    const mend = 'write ")" behind the last field';
    return this.#failNear(this.#open, `Cannot read record: ${state}; ${mend}`);
  }

  #unclosedQuote(spot: Spot): TokenKind {
    if (this.#depth > 0) {
      // With the start of another entry between the parenthesis and the quote, the parenthesis is
      // to blame; the quote is met again, and judged as part of that other entry.
      this.at = this.#open.at;
      this.#resume();
      if (this.at <= spot.at) return this.#unclosedParenthesis();
    }
    const isBare = this.#depth === 0;
    const state = `the quoted string is not closed${isBare ? " on its line" : ""}`;
    const mend = `write the other quote${isBare ? ", or put the string in parentheses" : ""}`;
    return this.#failNear(spot, `Cannot read record: ${state}; ${mend}`);
  }

  #unopened(): TokenKind {
    this.#depth = 0;
    return this.#fail(this.#here(), 'Cannot read record: ")" closes no "("; remove it');
  }

  #loneBackslash(at: number): TokenKind {
    const message =
      "Cannot read record: a backslash ends the line; lines are joined by parentheses alone";
    return this.#fail({ ...this.#here(), at }, message);
  }

  /** Like `#fail`; reading resumes near the mark, not where the search for its partner ended. */
  #failNear(spot: Spot, message: string): TokenKind {
    // The file is refused already. Where one mark is not closed many may be, and looking for each
    // partner as far as for the first would make a small file take minutes.
    if (this.#depth > 0) this.#reach = Math.max(this.#reach / 2, REACH_MIN);
    this.at = spot.at;
    this.line = spot.line;
    this.lineStart = spot.lineStart;
    return this.#fail(spot, message);
  }

  #fail(spot: Spot, message: string): TokenKind {
    this.fault = { ...spot, message };
    this.#isEnded = true;
    this.#resume();
    return FAULT;
  }

  /**
   * Finds the next line to read on from: the next one or, inside parentheses, the next that looks
   * like the start of an entry because it begins in the first column.
   */
  #resume(): void {
    const { bytes } = this;
    for (;;) {
      const newline = bytes.indexOf(LF, this.at);
      this.at = newline < 0 ? bytes.length : newline + 1;
      this.#nextLine(this.at);
      const first = bytes[this.at];
      if (this.#depth === 0 || first === undefined) return;
      if (KIND[first] === ORDINARY || first === BACKSLASH) return;
    }
  }
}
