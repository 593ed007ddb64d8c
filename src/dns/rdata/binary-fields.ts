// Fields of opaque octets: keys, digests, salts.

import type { Field, OctetWriter, TokenCursor } from "./description.ts";
import {
  base32FromText,
  base32ToText,
  base64FromText,
  base64ToText,
  hexFromText,
  hexToText,
} from "./encodings.ts";

const HEXADECIMAL = "an even number of hexadecimal digits";
const BASE64_TEXT = 'base64 text with its "=" padding';

/** Hexadecimal digits to the end of the record, in any number of words; at least one octet. */
export const HEX: Field = rest(1, hexFromText, hexToText, HEXADECIMAL);
/** Base64 to the end of the record, in any number of words; at least one octet. */
export const BASE64: Field = rest(1, base64FromText, base64ToText, BASE64_TEXT);
/** The same, where there may be nothing. */
export const BASE64_OR_NONE: Field = rest(0, base64FromText, base64ToText, BASE64_TEXT);

/** A counted salt in one word of hexadecimal digits, "-" when empty (RFC 5155 section 3.3). */
export const SALT: Field = counted({
  least: 0,
  fromText: (text) => (text === "-" ? new Uint8Array(0) : nonEmpty(hexFromText(text))),
  toText: (octets) => (octets.length === 0 ? "-" : hexToText(octets)),
  expected: 'a salt of hexadecimal digits, or "-" for none',
});

/** A counted hash in one word of base32hex (RFC 5155 section 3.3). */
export const HASH: Field = counted({
  least: 1,
  fromText: base32FromText,
  toText: base32ToText,
  expected: "a hash in base32hex without padding",
});

/** Base64 to the end of the record, "-" when empty. */
export const BASE64_OR_DASH: Field = {
  read(cursor, out) {
    if (cursor.tokens.length - cursor.at === 1 && cursor.peek() === "-") {
      cursor.at++;
      return undefined;
    }
    return BASE64.read(cursor, out) === undefined ? undefined : `${BASE64_TEXT}, or "-" for none`;
  },
  skip: (_octets, _at, end) => end,
  print: (octets, at, end) => (at === end ? "-" : base64ToText(octets.subarray(at, end))),
};

function rest(
  least: number,
  fromText: (text: string) => Uint8Array | undefined,
  toText: (octets: Uint8Array) => string,
  expected: string,
): Field {
  return {
    read(cursor, out) {
      const start = cursor.at;
      if (cursor.tokens.length - start < least) return expected;
      const words = cursor.tokens.slice(start).map((token) => token.text);
      const octets = fromText(words.join(""));
      cursor.at = cursor.tokens.length;
      if (octets !== undefined && octets.length >= least) {
        out.append(octets);
        return undefined;
      }
      cursor.at = start + blamed(words);
      return expected;
    },
    skip: (_octets, at, end) => (end - at >= least ? end : -1),
    print: (octets, at, end) => toText(octets.subarray(at, end)),
  };
}

/** The first word with a character that is in neither encoding, or else the last word. */
function blamed(words: readonly string[]): number {
  const strange = words.findIndex((word) => !/^[0-9A-Za-z+/=]*$/.test(word));
  return strange >= 0 ? strange : Math.max(0, words.length - 1);
}

function counted(options: {
  readonly least: number;
  readonly fromText: (text: string) => Uint8Array | undefined;
  readonly toText: (octets: Uint8Array) => string;
  readonly expected: string;
}): Field {
  const { least, fromText, toText, expected } = options;
  return {
    read(cursor: TokenCursor, out: OctetWriter) {
      const octets = fromText(cursor.peek() ?? "");
      if (octets === undefined || octets.length < least || octets.length > 255) return expected;
      out.uint(octets.length, 1);
      out.append(octets);
      cursor.at++;
      return undefined;
    },
    skip(octets, at, end) {
      const next = at + 1 + (octets[at] ?? 0);
      return at < end && next <= end && next - at > least ? next : -1;
    },
    print: (octets, at, end) => toText(octets.subarray(at + 1, end)),
  };
}

function nonEmpty(octets: Uint8Array | undefined): Uint8Array | undefined {
  return octets?.length === 0 ? undefined : octets;
}
