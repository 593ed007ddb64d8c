// A record's data: text to wire and back, its check, its names. Each type is described once in
// `rdata/`; this file only walks the descriptions.

import { lowerOctet, type Name } from "./name.ts";
import { copyOctets, MessageError, readPacketName } from "./packet.ts";
import {
  OctetWriter,
  RDATA_OCTETS_MAX,
  type RdataDescription,
  type RdataToken,
  TokenCursor,
} from "./rdata/description.ts";
import { isGeneric, printGeneric, readGeneric } from "./rdata/generic.ts";
import { descriptionOf } from "./rdata/registry.ts";
import { typeToText } from "./types.ts";

export type { RdataToken } from "./rdata/description.ts";

/**
 * Data in wire form, or the token to blame (the number of tokens where something is missing at the
 * end) with the noun phrase of what was expected in its place.
 */
export type ParsedRdata =
  | { readonly kind: "ok"; readonly rdata: Uint8Array }
  | { readonly kind: "bad"; readonly token: number; readonly expected: string };

const SIZE_OCTETS_USUAL = 64;

/**
 * Reads a record's data from master-file text: the type's own form, or the generic form of
 * RFC 3597 section 5, which fits every type and is all that unknown types have.
 *
 * @param origin completes relative names.
 */
export function parseRdata(type: number, tokens: readonly RdataToken[], origin: Name): ParsedRdata {
  const cursor = new TokenCursor(tokens, origin);
  const description = descriptionOf(type);
  if (description === undefined || isGeneric(cursor)) return parseGeneric(type, cursor);
  const out = new OctetWriter(description.sizeOctets ?? SIZE_OCTETS_USUAL);
  for (const field of description.fields) {
    const expected = field.read(cursor, out);
    if (expected !== undefined) return { kind: "bad", token: cursor.at, expected };
  }
  if (!cursor.isAtEnd()) {
    return { kind: "bad", token: cursor.at, expected: "the end of the record" };
  }
  const rdata = out.done();
  const expected =
    rdata.length > RDATA_OCTETS_MAX
      ? `at most ${RDATA_OCTETS_MAX} octets of data`
      : description.rule?.(rdata);
  return expected === undefined
    ? { kind: "ok", rdata }
    : { kind: "bad", token: Math.max(0, tokens.length - 1), expected };
}

/**
 * One line of master-file text with absolute names. Data that is not valid for its type, and data
 * of unknown types, is printed in the generic form, so that every octet string has a text.
 */
export function printRdata(type: number, rdata: Uint8Array): string {
  const description = descriptionOf(type);
  if (description === undefined) return printGeneric(rdata);
  const ends = fieldEnds(description, rdata);
  if (ends === undefined) return printGeneric(rdata);
  let text = "";
  let at = 0;
  for (const [i, field] of description.fields.entries()) {
    const end = ends[i] ?? at;
    const part = field.print(rdata, at, end);
    if (part !== "") text += text === "" ? part : ` ${part}`;
    at = end;
  }
  return text;
}

/** Whether octets are valid data of the type: every field sound and nothing left over. */
export function checkRdata(type: number, rdata: Uint8Array): boolean {
  if (rdata.length > RDATA_OCTETS_MAX) return false;
  const description = descriptionOf(type);
  return description === undefined || fieldEnds(description, rdata) !== undefined;
}

/**
 * The form that is signed and compared: names in lower case for the types of RFC 4034 section 6.2
 * (without NSEC, RFC 6840 section 5.1), anything else as it is.
 */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const description = descriptionOf(type);
  if (description?.names === undefined) return rdata;
  const lower = copyOctets(rdata);
  for (const start of nameOffsets(type, rdata)) {
    for (let at = start; (rdata[at] ?? 0) !== 0; ) {
      const end = at + 1 + (rdata[at] ?? 0);
      for (at++; at < end; at++) lower[at] = lowerOctet(rdata[at] ?? 0);
    }
  }
  return lower;
}

/** Where the names in valid data start; none where the data is not valid or its type unknown. */
export function nameOffsets(type: number, rdata: Uint8Array): readonly number[] {
  const description = descriptionOf(type);
  if (description === undefined) return [];
  const ends = fieldEnds(description, rdata);
  if (ends === undefined) return [];
  const offsets: number[] = [];
  let at = 0;
  for (const [i, field] of description.fields.entries()) {
    const end = ends[i] ?? at;
    if (field.names !== undefined) offsets.push(...field.names(rdata, at, end));
    at = end;
  }
  return offsets;
}

/** Whether a sender may compress the names in this type's data (RFC 3597 section 4). */
export function hasCompressibleNames(type: number): boolean {
  return descriptionOf(type)?.names === "well-known";
}

/**
 * Takes data out of a message, its names decompressed where the type allows them compressed (the
 * types of RFC 1035 and those that RFC 3597 section 4 asks receivers to tolerate).
 *
 * @throws MessageError also where the data is not valid for its type.
 */
export function decompressRdata(
  type: number,
  packet: Uint8Array,
  at: number,
  length: number,
): Uint8Array {
  const end = at + length;
  if (end > packet.length) {
    throw new MessageError("MESSAGE_TRUNCATED", at, `message ends inside ${typeToText(type)} data`);
  }
  const description = descriptionOf(type);
  if (description === undefined) return copyOctets(packet, at, end);
  if (description.names === undefined || description.names === "lowered") {
    const rdata = copyOctets(packet, at, end);
    if (fieldEnds(description, rdata) === undefined) throw badRdata(type, at);
    return rdata;
  }
  const out = new OctetWriter(length);
  let here = at;
  for (const field of description.fields) {
    if (field.names !== undefined) {
      const read = readPacketName(packet, here, end);
      out.append(read.name);
      here = read.end;
      continue;
    }
    const next = field.skip(packet, here, end);
    if (next < 0) throw badRdata(type, here);
    out.append(packet.subarray(here, next));
    here = next;
  }
  if (here !== end) throw badRdata(type, here);
  return out.done();
}

function parseGeneric(type: number, cursor: TokenCursor): ParsedRdata {
  const rdata = readGeneric(cursor);
  if (typeof rdata === "string") return { kind: "bad", token: cursor.at, expected: rdata };
  if (checkRdata(type, rdata)) return { kind: "ok", rdata };
  const expected = `octets that are valid ${typeToText(type)} data`;
  return { kind: "bad", token: Math.min(2, cursor.tokens.length), expected };
}

/** The offset behind each field, or `undefined` where the data is not valid. */
function fieldEnds(description: RdataDescription, rdata: Uint8Array): number[] | undefined {
  const ends: number[] = [];
  let at = 0;
  for (const field of description.fields) {
    at = field.skip(rdata, at, rdata.length);
    if (at < 0) return undefined;
    ends.push(at);
  }
  if (at !== rdata.length || description.rule?.(rdata) !== undefined) return undefined;
  return ends;
}

function badRdata(type: number, at: number): MessageError {
  return new MessageError("MESSAGE_BAD_RDATA", at, `not valid ${typeToText(type)} data`);
}
