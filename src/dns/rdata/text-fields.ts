// Fields of free octets written as text: character-strings (RFC 1035 section 3.3) and the longer
// strings of CAA and URI. Escapes are resolved here, and made again when printing.

import type { Field, OctetWriter, RdataToken } from "./description.ts";

/** The most octets one character-string can hold (RFC 1035 section 3.3). */
const STRING_OCTETS_MAX = 255;

/** A single character-string: one length octet and up to 255 octets. */
export const STRING: Field = {
  read(cursor, out) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined) return "a string";
    const expected = readString(token, out);
    if (expected === undefined) cursor.at++;
    return expected;
  },
  skip: skipString,
  print: (octets, at, end) => quoted(octets, at + 1, end),
};

/** A character-string that may be missing at the end of the record. */
export const OPTIONAL_STRING: Field = {
  read: (cursor, out) => (cursor.isAtEnd() ? undefined : STRING.read(cursor, out)),
  skip: (octets, at, end) => (at === end ? end : skipString(octets, at, end)),
  print: (octets, at, end) => (at === end ? "" : quoted(octets, at + 1, end)),
};

/** One or more character-strings, to the end of the record. */
export const STRINGS: Field = {
  read(cursor, out) {
    if (cursor.isAtEnd()) return "a string";
    for (; !cursor.isAtEnd(); cursor.at++) {
      const expected = readString(cursor.tokens[cursor.at], out);
      if (expected !== undefined) return expected;
    }
    return undefined;
  },
  skip(octets, at, end) {
    let here = at === end ? -1 : at;
    while (here >= 0 && here < end) here = skipString(octets, here, end);
    return here;
  },
  print(octets, at, end) {
    const texts: string[] = [];
    for (let here = at; here < end; ) {
      const next = here + 1 + (octets[here] ?? 0);
      texts.push(quoted(octets, here + 1, next));
      here = next;
    }
    return texts.join(" ");
  },
};

/** All remaining octets as one quoted string of any length. */
export const LONG_STRING: Field = {
  read(cursor, out) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined) return "a string";
    const octets = unescapeText(token.text);
    if (octets === undefined) return BAD_ESCAPE;
    out.append(octets);
    cursor.at++;
    return undefined;
  },
  skip: (_octets, _at, end) => end,
  print: quoted,
};

const BAD_ESCAPE = "a string whose escapes are \\000 to \\255 or \\ before one character";

/** The octets that token text stands for, or `undefined` where an escape is broken. */
export function unescapeText(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let octet = text.charCodeAt(at);
    if (octet === 0x5c) {
      at++;
      octet = text.charCodeAt(at);
      if (octet >= 0x30 && octet <= 0x39) {
        octet = decimalOctet(text, at);
        at += 2;
      }
    }
    // NaN, of a lone backslash at the end, fails this too.
    if (!(octet >= 0 && octet <= 255)) return undefined;
    octets[length++] = octet;
  }
  return octets.subarray(0, length);
}

/** `"..."` with `\"`, `\\` and `\DDD` for what is not printable ASCII, as BIND prints strings. */
export function quoted(octets: Uint8Array, at: number, end: number): string {
  let text = '"';
  for (let i = at; i < end; i++) text += escapedOctet(octets[i] ?? 0, '"\\');
  return `${text}"`;
}

/** One octet as text; those in `special` get a backslash, unprintable ones become `\DDD`. */
export function escapedOctet(octet: number, special: string): string {
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, "0")}`;
  const character = String.fromCharCode(octet);
  return special.includes(character) ? `\\${character}` : character;
}

function readString(token: RdataToken | undefined, out: OctetWriter): string | undefined {
  const octets = unescapeText(token?.text ?? "");
  if (octets === undefined) return BAD_ESCAPE;
  if (octets.length > STRING_OCTETS_MAX) {
    return `at most 255 octets in one string (this one has ${octets.length}: split it)`;
  }
  out.uint(octets.length, 1);
  out.append(octets);
  return undefined;
}

function skipString(octets: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const next = at + 1 + (octets[at] ?? 0);
  return next <= end ? next : -1;
}

/** The octet of three digits at `at`, or NaN. */
function decimalOctet(text: string, at: number): number {
  let value = 0;
  for (let i = 0; i < 3; i++) {
    const digit = text.charCodeAt(at + i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
