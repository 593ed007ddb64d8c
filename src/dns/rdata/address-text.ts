// Addresses of A and AAAA records. A zone of a million records spends its parsing time here, hence
// one pass over the characters instead of the regular expressions of `base/ip.ts`.

import { ipToText } from "../../base/ip.ts";

/** Four octets of dotted decimal without leading zeros, or `undefined`. */
export function ipv4FromText(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(4);
  return readIpv4(text, 0, octets, 0) ? octets : undefined;
}

/** Sixteen octets of RFC 4291 section 2.2 text, an IPv4 tail included, or `undefined`. */
export function ipv6FromText(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(16);
  let filled = 0;
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const end = hexEnd(text, at);
    if (text.charCodeAt(end) === 0x2e) {
      if (filled > 12 || !readIpv4(text, at, octets, filled)) return undefined;
      filled += 4;
      break;
    }
    if (end === at || end - at > 4 || filled > 14) return undefined;
    const group = groupValue(text, at, end);
    octets[filled++] = group >> 8;
    octets[filled++] = group & 255;
    if (end === text.length) break;
    if (text.charCodeAt(end) !== 0x3a || end + 1 === text.length) return undefined;
    at = end + 1;
    if (text.charCodeAt(at) === 0x3a) {
      if (gap >= 0) return undefined;
      gap = filled;
      at++;
    }
  }
  if (gap < 0) return filled === 16 ? octets : undefined;
  if (filled > 14) return undefined;
  octets.copyWithin(16 - (filled - gap), gap, filled);
  octets.fill(0, gap, 16 - (filled - gap));
  return octets;
}

/**
 * RFC 5952 text, except that IPv4-mapped and IPv4-compatible addresses end in dotted decimal: what
 * `inet_ntop` gives, and with it every other server's zone printer.
 */
export function ipv6ToText(octets: Uint8Array): string {
  const leading = octets.findIndex((octet) => octet !== 0);
  const isCompatible = leading === 12 || leading === 13;
  const isMapped = leading === 10 && octets[10] === 0xff && octets[11] === 0xff;
  if (!isCompatible && !isMapped) return ipToText(octets);
  return `::${isMapped ? "ffff:" : ""}${octets.subarray(12).join(".")}`;
}

function readIpv4(text: string, start: number, out: Uint8Array, outStart: number): boolean {
  let value = -1;
  let part = 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x2e) {
      if (value < 0 || part === 3) return false;
      out[outStart + part++] = value;
      value = -1;
      continue;
    }
    const digit = character - 0x30;
    if (digit < 0 || digit > 9 || value === 0) return false;
    value = value < 0 ? digit : value * 10 + digit;
    if (value > 255) return false;
  }
  if (value < 0 || part !== 3) return false;
  out[outStart + 3] = value;
  return true;
}

function hexEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && hexDigit(text.charCodeAt(at)) >= 0) at++;
  return at;
}

function groupValue(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 16 + hexDigit(text.charCodeAt(at));
  return value;
}

/** The value of a hexadecimal digit's character code, or -1. */
export function hexDigit(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const lower = character | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
