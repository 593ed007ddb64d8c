// Any record, by the whole grammar of RFC 1035 section 5.1, token by token, with the messages.

import { unreachable } from "../base/assert.ts";
import { type Name, NameError, nameFromText } from "../dns/name.ts";
import { parseRdata, type RdataToken } from "../dns/rdata.ts";
import { TTL_MAX } from "../dns/ttl.ts";
import { TYPE, typeToText } from "../dns/types.ts";
import { type Header, readHeader } from "./header.ts";
import { END, FAULT, type Lexer, type Spot, type TokenKind } from "./lexer.ts";
import { BLANK, KIND } from "./octets.ts";
import { quoted } from "./problem.ts";
import { type OpenFile, type Reading, TTL_UNKNOWN } from "./reading.ts";

/** Reads the record (or the blank line) at the cursor, and leaves the cursor behind the entry. */
export function readRecord(reading: Reading, file: OpenFile): void {
  const { lexer } = file;
  const hasOwner = KIND[lexer.bytes[lexer.at] ?? 0] !== BLANK;
  lexer.begin();
  let kind = lexer.next();
  if (kind !== END && kind !== FAULT) {
    if (hasOwner) {
      if (readOwner(reading, file)) {
        kind = lexer.next();
        finishRecord(reading, file, kind);
      }
    } else if (reading.ownerLength > 0) {
      finishRecord(reading, file, kind);
    } else {
      const state = "the first one of a file needs an owner; write one, or @ for the origin";
      reading.error(file, lexer.spot(0), `Cannot read record: ${state}`);
      reading.setOwner(file.origin);
    }
  }
  endEntry(reading, file);
}

function readOwner(reading: Reading, file: OpenFile): boolean {
  const { lexer, origin } = file;
  const { at } = lexer.spot(0);
  const { plainName } = reading;
  if (plainName.read(lexer.bytes, at, origin, reading.ownerOctets) === lexer.at) {
    reading.ownerLength = plainName.length;
    return true;
  }
  const owner = readName(reading, file, 0);
  // After a bad owner the lines that repeat it would only be bad for the same reason.
  reading.setOwner(owner ?? origin);
  return owner !== undefined;
}

/** Leaves the entry and tells of the fault in it, if there is one. */
export function endEntry(reading: Reading, file: OpenFile): void {
  file.lexer.skipEntry();
  const { fault } = file.lexer;
  if (fault !== undefined) reading.error(file, fault, fault.message);
}

/** The name in a token; reports an error, and is then `undefined`. */
export function readName(reading: Reading, file: OpenFile, token: number): Name | undefined {
  const text = file.lexer.text(token);
  try {
    return nameFromText(text, file.origin);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    const message = `Cannot read name ${quoted(text)}: ${error.state}; ${mendOf(error)}`;
    reading.error(file, file.lexer.spot(token), message);
    return undefined;
  }
}

/** Collects the tokens of the data, to the end of the entry; `undefined` after a fault. */
export function readRdataTokens(lexer: Lexer, type: number): RdataToken[] | undefined {
  lexer.hasPairs = type === TYPE.SVCB || type === TYPE.HTTPS;
  const tokens: RdataToken[] = [];
  for (let kind = lexer.next(); kind !== END; kind = lexer.next()) {
    if (kind === FAULT) return undefined;
    const token = lexer.count - 1;
    tokens.push({ text: lexer.text(token), isQuoted: lexer.isQuoted(token) });
  }
  return tokens;
}

/** The message for data that `parseRdata` refused; `found` is the token to blame, if there is one. */
export function describeBadRdata(
  type: number,
  expected: string,
  found: RdataToken | undefined,
): string {
  const what = `Cannot read ${typeToText(type)} record: expected ${expected}`;
  return found === undefined ? what : `${what}, found ${quoted(found.text)}`;
}

function finishRecord(reading: Reading, file: OpenFile, kind: TokenKind): void {
  const { lexer } = file;
  const header = readHeader(reading, file, kind);
  if (header === undefined) return;
  const { type, typeToken } = header;
  const rdata = readRdata(reading, file, header);
  if (rdata === undefined) {
    // Mended, an SOA may lend its TTL to the records below: they are not blamed for having none.
    if (type === TYPE.SOA) reading.forgiveMissingTtl();
    return;
  }
  const spot = lexer.spot(typeToken);
  const ttl = header.ttl ?? impliedTtl(reading, file, { type, rdata, spot });
  if (ttl !== undefined) reading.emit(reading.owner, type, ttl, rdata, lexer.spot(0).line);
}

function readRdata(reading: Reading, file: OpenFile, header: Header): Uint8Array | undefined {
  const { lexer } = file;
  const { type, typeToken } = header;
  const tokens = readRdataTokens(lexer, type);
  if (tokens === undefined) return undefined;
  const parsed = parseRdata(type, tokens, file.origin);
  if (parsed.kind === "ok") return parsed.rdata;
  const spot = lexer.spot(typeToken + 1 + parsed.token);
  reading.error(file, spot, describeBadRdata(type, parsed.expected, tokens[parsed.token]));
  return undefined;
}

/** The TTL of a record that has none of its own (see `Reading.impliedTtl`); reports where none is. */
export function impliedTtl(
  reading: Reading,
  file: OpenFile,
  record: { readonly type: number; readonly rdata: Uint8Array; readonly spot: Spot },
): number | undefined {
  const ttl = reading.takeImpliedTtl(file, record.spot);
  if (ttl !== TTL_UNKNOWN) return ttl;
  if (record.type === TYPE.SOA) {
    const { buffer, byteOffset, byteLength } = record.rdata;
    const minimum = new DataView(buffer, byteOffset, byteLength).getUint32(byteLength - 4);
    reading.setDefaultTtl(Math.min(minimum, TTL_MAX));
    const message =
      "Cannot find a TTL: the SOA's last field is used where none is written; write a $TTL line above";
    reading.warn(file, record.spot, message);
    return reading.impliedTtl;
  }
  const message =
    "Cannot find a TTL: neither this record nor one before it has any; write a $TTL line above";
  reading.error(file, record.spot, message);
  // One line mends them all, so one message is enough.
  reading.forgiveMissingTtl();
  return undefined;
}

function mendOf(error: NameError): string {
  switch (error.code) {
    case "NAME_EMPTY_LABEL":
      return "remove a dot, or write @ for the origin";
    case "NAME_LABEL_TOO_LONG":
    case "NAME_TOO_LONG":
      return "shorten it";
    case "NAME_BAD_ESCAPE":
      return "write an odd octet as \\000 to \\255, a backslash as \\\\";
    case "NAME_NOT_ABSOLUTE":
      return "end it with a dot";
    default:
      return unreachable(error.code);
  }
}
