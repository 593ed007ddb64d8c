// Fields that name RR types: one type, and the bitmaps of NSEC and its relatives.

import { typeFromText, typeToText } from "../types.ts";
import type { Field, OctetWriter, TokenCursor } from "./description.ts";
import { number } from "./fields.ts";

const EXPECTED = "a record type such as AAAA or TYPE65280";

/** One type by mnemonic, in 16 bits. */
export const TYPE_NAME: Field = number(2, typeFromText, typeToText, EXPECTED);

/** The types of an RRset, in windows (RFC 4034 section 4.1.2); at least one. */
export const TYPE_BITMAP: Field = bitmap(1);
/** The same, where there may be none. */
export const TYPE_BITMAP_OR_NONE: Field = bitmap(0);

/** One bitmap of the types 1 to 127 without windows (RFC 2535 section 5.2). */
export const SHORT_BITMAP: Field = {
  read(cursor, out) {
    const types = readTypes(cursor, 127);
    if (types === undefined) return "a record type of a number below 128";
    out.append(bitsOf(types));
    return undefined;
  },
  skip(octets, at, end) {
    if (at === end) return end;
    const isSound = end - at <= 16 && (octets[at] ?? 0) < 0x80 && (octets[end - 1] ?? 0) !== 0;
    return isSound ? end : -1;
  },
  print: (octets, at, end) => typesOf(octets.subarray(at, end), 0).map(typeToText).join(" "),
};

function bitmap(least: number): Field {
  return {
    read(cursor, out) {
      if (cursor.tokens.length - cursor.at < least) return EXPECTED;
      const types = readTypes(cursor, 0xffff);
      if (types === undefined) return EXPECTED;
      writeWindows(types, out);
      return undefined;
    },
    skip(octets, at, end) {
      let lastWindow = -1;
      let here = at;
      while (here < end) {
        const window = octets[here] ?? 0;
        const size = octets[here + 1] ?? 0;
        const next = here + 2 + size;
        const isSized = here + 2 <= end && size >= 1 && size <= 32 && next <= end;
        // A last octet of zero would make two forms of one set.
        if (!isSized || window <= lastWindow || octets[next - 1] === 0) return -1;
        lastWindow = window;
        here = next;
      }
      return at === end && least > 0 ? -1 : here;
    },
    print(octets, at, end) {
      const types: number[] = [];
      for (let here = at; here < end; ) {
        const next = here + 2 + (octets[here + 1] ?? 0);
        types.push(...typesOf(octets.subarray(here + 2, next), (octets[here] ?? 0) * 256));
        here = next;
      }
      return types.map(typeToText).join(" ");
    },
  };
}

/** Takes all remaining tokens as types; `undefined` leaves the cursor at one that is none. */
function readTypes(cursor: TokenCursor, max: number): number[] | undefined {
  const types: number[] = [];
  for (; !cursor.isAtEnd(); cursor.at++) {
    const type = typeFromText(cursor.peek() ?? "");
    if (type === undefined || type > max || (max < 128 && type === 0)) return undefined;
    types.push(type);
  }
  return types.sort((a, b) => a - b);
}

function writeWindows(types: readonly number[], out: OctetWriter): void {
  for (let i = 0; i < types.length; ) {
    const window = (types[i] ?? 0) >> 8;
    const members: number[] = [];
    for (; i < types.length && (types[i] ?? 0) >> 8 === window; i++) {
      members.push((types[i] ?? 0) & 255);
    }
    const bits = bitsOf(members);
    out.uint(window, 1);
    out.uint(bits.length, 1);
    out.append(bits);
  }
}

/** The shortest bitmap that holds some ascending numbers, the highest bit first. */
function bitsOf(ascending: readonly number[]): Uint8Array {
  const highest = ascending.at(-1);
  const bits = new Uint8Array(highest === undefined ? 0 : (highest >> 3) + 1);
  for (const value of ascending) bits[value >> 3] = (bits[value >> 3] ?? 0) | (0x80 >> (value & 7));
  return bits;
}

function typesOf(bits: Uint8Array, first: number): number[] {
  const types: number[] = [];
  for (let i = 0; i < bits.length * 8; i++) {
    if (((bits[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0) types.push(first + i);
  }
  return types;
}
