// Octets as text: hexadecimal, base64 (RFC 4648 section 4) and base32hex (section 7). All three
// refuse what does not come back the same, such as unused bits that are set.

import { Buffer } from "node:buffer";
import { hexDigit } from "./address-text.ts";

const BASE64_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
const BASE64_VALUES = valuesOf(BASE64_DIGITS);
const BASE32_VALUES = valuesOf(BASE32_DIGITS + BASE32_DIGITS.slice(10).toLowerCase());

/** Octets of an even number of hexadecimal digits, or `undefined`. */
export function hexFromText(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < octets.length; i++) {
    const high = hexDigit(text.charCodeAt(i * 2));
    const low = hexDigit(text.charCodeAt(i * 2 + 1));
    if (high < 0 || low < 0) return undefined;
    octets[i] = high * 16 + low;
  }
  return octets;
}

/** Upper-case hexadecimal digits, as BIND prints digests. */
export function hexToText(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex").toUpperCase();
}

/** Octets of padded base64, or `undefined`. */
export function base64FromText(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const digits = text.endsWith("==") ? text.length - 2 : text.length - (text.endsWith("=") ? 1 : 0);
  return unpackBits(text, digits, 6, BASE64_VALUES);
}

export function base64ToText(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64");
}

/** Octets of base32hex without padding (RFC 5155 section 3.3), or `undefined`. */
export function base32FromText(text: string): Uint8Array | undefined {
  return unpackBits(text, text.length, 5, BASE32_VALUES);
}

/** Upper-case base32hex without padding. */
export function base32ToText(octets: Uint8Array): string {
  let text = "";
  let pending = 0;
  let bits = 0;
  for (const octet of octets) {
    pending = (pending << 8) | octet;
    for (bits += 8; bits >= 5; ) {
      bits -= 5;
      text += BASE32_DIGITS[(pending >> bits) & 31] ?? "";
    }
    pending &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (BASE32_DIGITS[(pending << (5 - bits)) & 31] ?? "");
}

/** Joins the first `digits` characters of `text`, `width` bits each; leftover bits must be zero. */
function unpackBits(
  text: string,
  digits: number,
  width: number,
  values: ReadonlyMap<number, number>,
): Uint8Array | undefined {
  const octets = new Uint8Array((digits * width) >> 3);
  let length = 0;
  let pending = 0;
  let bits = 0;
  for (let i = 0; i < digits; i++) {
    const value = values.get(text.charCodeAt(i));
    if (value === undefined) return undefined;
    pending = (pending << width) | value;
    bits += width;
    if (bits < 8) continue;
    bits -= 8;
    octets[length++] = pending >> bits;
    pending &= (1 << bits) - 1;
  }
  return bits < width && pending === 0 ? octets : undefined;
}

function valuesOf(digits: string): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (let i = 0; i < digits.length; i++) {
    // The lower-case letters of base32hex come after its 32 digits and repeat the last 22.
    values.set(digits.charCodeAt(i), i < 32 || digits.length === 64 ? i : i - 22);
  }
  return values;
}
