// LOC (RFC 1876): a place on the globe, with sizes as one digit and a power of ten.

import { TYPE } from "../types.ts";
import type { Field, OctetWriter, RdataDescription, TokenCursor } from "./description.ts";
import { uintAt } from "./fields.ts";

/** Thousandths of a second of arc in one degree; coordinates count them from 2^31. */
const DEGREE = 3_600_000;
const EQUATOR = 0x8000_0000;
/** Altitudes are centimetres above a point 100 km below the reference spheroid. */
const ALTITUDE_BASE = 10_000_000;
const LOC_OCTETS = 16;

/** The sizes that are not written: 1 m, 10 km and 10 m, in centimetres. */
const SIZES_DEFAULT = [100, 1_000_000, 1000] as const;
const SIZE_MAX = 9_000_000_000;

/** The whole record in one field: its text and its wire form order the parts differently. */
const LOCATION: Field = {
  read(cursor, out) {
    const latitude = readCoordinate(cursor, { degrees: 90, positive: "N", negative: "S" });
    if (typeof latitude === "string") return latitude;
    const longitude = readCoordinate(cursor, { degrees: 180, positive: "E", negative: "W" });
    if (typeof longitude === "string") return longitude;
    const altitude = centimetres(cursor.peek(), -ALTITUDE_BASE, 0xffff_ffff - ALTITUDE_BASE);
    if (altitude === undefined) return "an altitude from -100000.00m to 42849672.95m";
    cursor.at++;
    out.uint(0, 1);
    const expected = readSizes(cursor, out);
    out.uint(EQUATOR + latitude, 4);
    out.uint(EQUATOR + longitude, 4);
    out.uint(altitude + ALTITUDE_BASE, 4);
    return expected;
  },
  skip(octets, at, end) {
    const isSound =
      at + LOC_OCTETS <= end &&
      octets[at] === 0 &&
      [1, 2, 3].every((i) => isSize(octets[at + i] ?? 0)) &&
      Math.abs(uintAt(octets, at + 4, 4) - EQUATOR) <= 90 * DEGREE &&
      Math.abs(uintAt(octets, at + 8, 4) - EQUATOR) <= 180 * DEGREE;
    return isSound ? at + LOC_OCTETS : -1;
  },
  print(octets, at) {
    return [
      coordinateToText(uintAt(octets, at + 4, 4), "N", "S"),
      coordinateToText(uintAt(octets, at + 8, 4), "E", "W"),
      `${((uintAt(octets, at + 12, 4) - ALTITUDE_BASE) / 100).toFixed(2)}m`,
      ...[1, 2, 3].map((i) => sizeToText(octets[at + i] ?? 0)),
    ].join(" ");
  },
};

/** LOC. */
export const LOCATIONS: readonly RdataDescription[] = [
  { type: TYPE.LOC, fields: [LOCATION], sizeOctets: LOC_OCTETS },
];

/** `degrees [minutes [seconds]] hemisphere` as signed thousandths of a second, or a complaint. */
function readCoordinate(
  cursor: TokenCursor,
  range: { readonly degrees: number; readonly positive: string; readonly negative: string },
): number | string {
  const { degrees, positive, negative } = range;
  const parts: number[] = [];
  const units = [
    { most: degrees, pattern: /^\d{1,3}$/, expected: `degrees from 0 to ${degrees}` },
    {
      most: 59,
      pattern: /^\d{1,2}$/,
      expected: `minutes from 0 to 59, or ${positive} or ${negative}`,
    },
    {
      most: 59.999,
      pattern: /^\d{1,2}(\.\d{1,3})?$/,
      expected: `seconds from 0 to 59.999, or ${positive} or ${negative}`,
    },
  ];
  for (const [i, unit] of units.entries()) {
    const text = cursor.peek() ?? "";
    if (i > 0 && isHemisphere(text, range)) break;
    if (!unit.pattern.test(text) || Number(text) > unit.most) return unit.expected;
    parts.push(Number(text));
    cursor.at++;
  }
  const hemisphere = (cursor.peek() ?? "").toUpperCase();
  if (!isHemisphere(hemisphere, range)) return `${positive} or ${negative}`;
  const [whole = 0, minutes = 0, seconds = 0] = parts;
  const value = whole * DEGREE + minutes * 60_000 + Math.round(seconds * 1000);
  if (value > degrees * DEGREE) return `at most ${degrees} degrees`;
  cursor.at++;
  return hemisphere === positive ? value : -value;
}

function isHemisphere(
  text: string,
  range: { readonly positive: string; readonly negative: string },
): boolean {
  const upper = text.toUpperCase();
  return upper === range.positive || upper === range.negative;
}

/** Size, horizontal and vertical precision; those left out have their defaults. */
function readSizes(cursor: TokenCursor, out: OctetWriter): string | undefined {
  for (const usual of SIZES_DEFAULT) {
    const size = cursor.isAtEnd() ? usual : centimetres(cursor.peek(), 0, SIZE_MAX);
    if (size === undefined) return "a size from 0m to 90000000m";
    const exponent = size === 0 ? 0 : Math.floor(Math.log10(size) + 1e-9);
    out.uint(Math.floor(size / 10 ** exponent) * 16 + exponent, 1);
    if (!cursor.isAtEnd()) cursor.at++;
  }
  return undefined;
}

/** Metres with up to two decimals and an optional "m", as centimetres. */
function centimetres(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^[-+]?\d{1,8}(\.\d{0,2})?m?$/i.test(text)) return undefined;
  const value = Math.round(Number.parseFloat(text) * 100);
  return value >= least && value <= most ? value : undefined;
}

/** A digit and a power of ten, both 0 to 9; zero has one form only. */
function isSize(octet: number): boolean {
  return octet === 0 || (octet >> 4 >= 1 && octet >> 4 <= 9 && (octet & 15) <= 9);
}

function coordinateToText(value: number, positive: string, negative: string): string {
  const distance = Math.abs(value - EQUATOR);
  const degrees = Math.floor(distance / DEGREE);
  const minutes = Math.floor((distance % DEGREE) / 60_000);
  const seconds = ((distance % 60_000) / 1000).toFixed(3);
  return `${degrees} ${minutes} ${seconds} ${value >= EQUATOR ? positive : negative}`;
}

function sizeToText(octet: number): string {
  const size = (octet >> 4) * 10 ** (octet & 15);
  return size < 100 ? `${(size / 100).toFixed(2)}m` : `${size / 100}m`;
}
