// The form that fits every type: `\# length hex` (RFC 3597 section 5).

import { hexDigit } from "./address-text.ts";
import { RDATA_OCTETS_MAX, type TokenCursor } from "./description.ts";
import { hexToText } from "./encodings.ts";
import { numberFromText } from "./fields.ts";

/** Whether the tokens are in the generic form, whatever their type. */
export function isGeneric(cursor: TokenCursor): boolean {
  const first = cursor.tokens[0];
  return first !== undefined && !first.isQuoted && first.text === "\\#";
}

/** Octets of the generic form, or what was expected, the cursor resting on the token to blame. */
export function readGeneric(cursor: TokenCursor): Uint8Array | string {
  if (!isGeneric(cursor)) return 'data in the generic form "\\# length hex" (RFC 3597)';
  cursor.at++;
  const length = numberFromText(cursor.peek() ?? "", RDATA_OCTETS_MAX);
  if (length === undefined) return "the number of octets, from 0 to 65535";
  cursor.at++;
  const octets = new Uint8Array(length);
  let nibbles = 0;
  for (; cursor.at < cursor.tokens.length; cursor.at++) {
    const text = cursor.peek() ?? "";
    for (let i = 0; i < text.length; i++) {
      const digit = hexDigit(text.charCodeAt(i));
      if (digit < 0) return "hexadecimal digits";
      if (nibbles === length * 2) return `no more than ${length} octets of hexadecimal digits`;
      octets[nibbles >> 1] = ((octets[nibbles >> 1] ?? 0) << 4) | digit;
      nibbles++;
    }
  }
  if (nibbles < length * 2) return `${length} octets of hexadecimal digits, not ${nibbles / 2}`;
  return octets;
}

/** The generic form of any octets; no hexadecimal digits where there are none. */
export function printGeneric(rdata: Uint8Array): string {
  return rdata.length === 0 ? "\\# 0" : `\\# ${rdata.length} ${hexToText(rdata)}`;
}
