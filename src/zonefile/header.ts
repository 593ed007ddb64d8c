// What stands between a record's owner and its data: TTL, class and type, the first two in either
// order or absent.

import { TTL_MAX, ttlFromText } from "../dns/ttl.ts";
import { CLASS, classFromText, isDataType, typeFromText } from "../dns/types.ts";
import { END, FAULT, type Lexer, type TokenKind, WORD } from "./lexer.ts";
import { quoted } from "./problem.ts";
import type { OpenFile, Reading } from "./reading.ts";

export interface Header {
  readonly type: number;
  /** Seconds, or `undefined` where the record has no TTL of its own. */
  readonly ttl: number | undefined;
  /** Index of the type's token; the data follows it. */
  readonly typeToken: number;
}

const TTL_FORM = /^(?:\d+|(?:\d+[smhdw])+)$/i;

/**
 * Reads from the lexer's newest token, of kind `first`, to the type. After an error, which it
 * reports, the result is `undefined` and the lexer somewhere in the entry.
 */
export function readHeader(reading: Reading, file: OpenFile, first: TokenKind): Header | undefined {
  const { lexer } = file;
  let ttl: number | undefined;
  let hasClass = false;
  for (let kind = first; ; kind = lexer.next()) {
    if (kind === FAULT) return undefined;
    if (kind !== WORD) return complainOfType(reading, file, kind);
    const token = lexer.count - 1;
    const text = lexer.text(token);
    if (ttl === undefined && TTL_FORM.test(text)) {
      ttl = readTtl(reading, file, token);
      if (ttl === undefined) return undefined;
      // At once: if the rest is bad, the records that would repeat this TTL are not to blame.
      reading.noteTtl(ttl);
      continue;
    }
    const type = typeFromText(text);
    if (type === undefined) {
      const dnsClass = classFromText(text);
      if (dnsClass === undefined || hasClass) return complainOfType(reading, file, kind);
      hasClass = true;
      if (dnsClass === CLASS.IN) continue;
      const state = `class ${quoted(text)} is not served; write IN or leave the class out`;
      reading.error(file, lexer.spot(token), `Cannot read record: ${state}`);
      return undefined;
    }
    if (isDataType(type)) return { type, ttl, typeToken: token };
    const state = `${quoted(text)} is a type of questions and messages; remove the record`;
    reading.error(file, lexer.spot(token), `Cannot read record: ${state}`);
    return undefined;
  }
}

/** Reads a TTL token of a record or of a $TTL line; reports an error, and is then `undefined`. */
export function readTtl(reading: Reading, file: OpenFile, token: number): number | undefined {
  const text = file.lexer.text(token);
  const ttl = ttlFromText(text);
  if (ttl !== undefined && ttl <= TTL_MAX) return ttl;
  const state = TTL_FORM.test(text)
    ? `it is above ${TTL_MAX} seconds (RFC 2181 section 8); write a smaller one`
    : "expected seconds such as 3600, or units such as 1h30m";
  reading.error(file, file.lexer.spot(token), `Cannot read TTL ${quoted(text)}: ${state}`);
  return undefined;
}

/** The newest token is not the type it should be: says so with the likeliest slip. */
function complainOfType(reading: Reading, file: OpenFile, kind: TokenKind): undefined {
  const { lexer } = file;
  if (kind === END) {
    const state = "expected a type such as A or MX, but the record ends here";
    reading.error(file, lexer.spot(lexer.count), `Cannot read record: ${state}`);
    return undefined;
  }
  const token = lexer.count - 1;
  const spot = lexer.spot(token);
  const text = lexer.text(token);
  const mend = slipOf(lexer, token, text) ?? "expected one such as A or MX, or TYPE65280";
  reading.error(file, spot, `Cannot read record: ${quoted(text)} is no record type; ${mend}`);
  return undefined;
}

function slipOf(lexer: Lexer, token: number, text: string): string | undefined {
  if (text.startsWith("$")) return "a directive begins in the first column of its line";
  if (classFromText(text) !== undefined) return "the class is written twice";
  if (ttlFromText(text) !== undefined) return "the TTL is written twice";
  const before = token > 0 ? lexer.text(token - 1) : "";
  if (typeFromText(before) !== undefined) {
    return `${quoted(before)} was taken for the owner; begin a line without owner with a blank`;
  }
  if (/^\d/.test(text)) return "if it is meant as TTL, write seconds or units such as 1h30m";
  const first = lexer.spot(0);
  if (token === 0 && first.at > first.lineStart && isFollowedByHeader(lexer)) {
    return "if it is meant as owner, remove the blanks before it";
  }
  return undefined;
}

function isFollowedByHeader(lexer: Lexer): boolean {
  if (lexer.next() !== WORD) return false;
  const next = lexer.text(lexer.count - 1);
  return [typeFromText, classFromText, ttlFromText].some((read) => read(next) !== undefined);
}
