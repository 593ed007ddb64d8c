// Types that carry text for people or programs.

import { TYPE } from "../types.ts";
import { BASE64_OR_DASH } from "./binary-fields.ts";
import type { Field, RdataDescription } from "./description.ts";
import { U8, U16, U32 } from "./fields.ts";
import { LONG_STRING, OPTIONAL_STRING, STRING, STRINGS } from "./text-fields.ts";

/** The property tag of CAA: letters and digits (RFC 8659 section 4.1). */
const CAA_TAG: Field = {
  read(cursor, out) {
    const text = cursor.peek();
    if (text === undefined || !/^[0-9A-Za-z]{1,255}$/.test(text)) {
      return 'a tag of letters and digits such as "issue"';
    }
    out.uint(text.length, 1);
    out.append(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    cursor.at++;
    return undefined;
  },
  skip(octets, at, end) {
    const next = at + 1 + (octets[at] ?? 0);
    if (at >= end || next === at + 1 || next > end) return -1;
    return /^[0-9A-Za-z]+$/.test(latin1(octets, at + 1, next)) ? next : -1;
  },
  print: (octets, at, end) => latin1(octets, at + 1, end),
};

/** HINFO, TXT, X25, ISDN, GPOS, NINFO, SPF, UINFO, URI, CAA, AVC, DOA, RESINFO, WALLET, CLA. */
export const TEXTS: readonly RdataDescription[] = [
  { type: TYPE.HINFO, fields: [STRING, STRING] },
  { type: TYPE.TXT, fields: [STRINGS] },
  { type: TYPE.X25, fields: [STRING] },
  { type: TYPE.ISDN, fields: [STRING, OPTIONAL_STRING] },
  { type: TYPE.GPOS, fields: [STRING, STRING, STRING] },
  { type: TYPE.NINFO, fields: [STRINGS] },
  { type: TYPE.SPF, fields: [STRINGS] },
  { type: TYPE.UINFO, fields: [STRING] },
  { type: TYPE.URI, fields: [U16, U16, LONG_STRING] },
  { type: TYPE.CAA, fields: [U8, CAA_TAG, LONG_STRING] },
  { type: TYPE.AVC, fields: [STRINGS] },
  { type: TYPE.DOA, fields: [U32, U32, U8, STRING, BASE64_OR_DASH] },
  { type: TYPE.RESINFO, fields: [STRINGS] },
  { type: TYPE.WALLET, fields: [STRINGS] },
  { type: TYPE.CLA, fields: [STRINGS] },
];

function latin1(octets: Uint8Array, at: number, end: number): string {
  return String.fromCharCode(...octets.subarray(at, end));
}
