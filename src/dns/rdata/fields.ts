// Fields that most types share: numbers, names and addresses.

import { ipToText } from "../../base/ip.ts";
import { NameError, nameFromText, nameToText } from "../name.ts";
import { ttlFromText } from "../ttl.ts";
import { ipv4FromText, ipv6FromText, ipv6ToText } from "./address-text.ts";
import type { Field } from "./description.ts";

/** An unsigned whole number in decimal; `width` octets, 1 to 6. */
function uint(width: number): Field {
  const max = 256 ** width - 1;
  const expected = `a number from 0 to ${max}`;
  return number(width, (text) => numberFromText(text, max), String, expected);
}

export const U8: Field = uint(1);
export const U16: Field = uint(2);
export const U32: Field = uint(4);

/** A 32-bit count of seconds, with or without units ("1h30m"); printed in seconds. */
export const SECONDS: Field = number(
  4,
  ttlFromText,
  String,
  'a number of seconds from 0 to 4294967295, or one with units such as "1h30m"',
);

/** A number with names: a mnemonic of `table` or a decimal is read, the mnemonic is printed. */
export function mnemonic(options: {
  readonly width: number;
  readonly table: Readonly<Record<string, number>>;
  readonly expected: string;
  /** Mnemonics are only read, numbers are what is printed. */
  readonly printsNumbers?: boolean;
}): Field {
  const max = 256 ** options.width - 1;
  const numbers = new Map(Object.entries(options.table));
  const names = new Map<number, string>();
  if (options.printsNumbers !== true) {
    for (const [name, value] of numbers) if (!names.has(value)) names.set(value, name);
  }
  return number(
    options.width,
    (text) => numbers.get(text.toUpperCase()) ?? numberFromText(text, max),
    (value) => names.get(value) ?? String(value),
    options.expected,
  );
}

/** A field of one token that stands for a number. */
export function number(
  width: number,
  fromText: (text: string) => number | undefined,
  toText: (value: number) => string,
  expected: string,
): Field {
  return {
    read(cursor, out) {
      const text = cursor.peek();
      const value = text === undefined ? undefined : fromText(text);
      if (value === undefined) return expected;
      out.uint(value, width);
      cursor.at++;
      return undefined;
    },
    skip: (_octets, at, end) => (at + width <= end ? at + width : -1),
    print: (octets, at) => toText(uintAt(octets, at, width)),
  };
}

/** A domain name, uncompressed on the wire; relative text is completed with the origin. */
export const NAME: Field = {
  read(cursor, out) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined) return "a domain name";
    if (token.isQuoted) return "a domain name without quotes";
    try {
      out.append(nameFromText(token.text, cursor.origin));
    } catch (error) {
      if (error instanceof NameError) return `a domain name (${error.state})`;
      throw error;
    }
    cursor.at++;
    return undefined;
  },
  skip: skipName,
  print: (octets, at, end) => nameToText(octets.subarray(at, end)),
  names: (_octets, at) => [at],
};

export const IPV4: Field = fixed(4, ipv4FromText, ipToText, "an IPv4 address such as 192.0.2.1");
export const IPV6: Field = fixed(
  16,
  ipv6FromText,
  ipv6ToText,
  "an IPv6 address such as 2001:db8::1",
);

/** A field of one token and always `width` octets. */
export function fixed(
  width: number,
  fromText: (text: string) => Uint8Array | undefined,
  toText: (octets: Uint8Array) => string,
  expected: string,
): Field {
  return {
    read(cursor, out) {
      const text = cursor.peek();
      const octets = text === undefined ? undefined : fromText(text);
      if (octets === undefined) return expected;
      out.append(octets);
      cursor.at++;
      return undefined;
    },
    skip: (_octets, at, end) => (at + width <= end ? at + width : -1),
    print: (octets, at, end) => toText(octets.subarray(at, end)),
  };
}

/** A decimal number without sign from 0 to `max`, or `undefined`. */
export function numberFromText(text: string, max: number): number | undefined {
  if (text.length === 0 || text.length > 15) return undefined;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= max ? value : undefined;
}

/** The big-endian number in `width` octets; octets past the end count as 0. */
export function uintAt(octets: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (octets[at + i] ?? 0);
  return value;
}

/** The offset behind the uncompressed name at `at`, or -1 where none ends before `end`. */
export function skipName(octets: Uint8Array, at: number, end: number): number {
  let here = at;
  while (here < end && here - at < 255) {
    const size = octets[here] ?? 0;
    if (size > 63) return -1;
    here += 1 + size;
    if (size === 0) return here - at <= 255 ? here : -1;
  }
  return -1;
}
