// Keys and certificates of other protocols that are published in DNS.

import { TYPE } from "../types.ts";
import { BASE64, BASE64_OR_NONE, HEX } from "./binary-fields.ts";
import type { Field, RdataDescription } from "./description.ts";
import { ALGORITHMS, sizeRule } from "./dnssec.ts";
import { base64FromText, base64ToText, hexFromText, hexToText } from "./encodings.ts";
import { mnemonic, NAME, skipName, U8, U16, uintAt } from "./fields.ts";
import { gateway } from "./gateway.ts";

/** RFC 4398 section 2.1. */
const CERTIFICATE_TYPE = mnemonic({
  width: 2,
  table: {
    PKIX: 1,
    SPKI: 2,
    PGP: 3,
    IPKIX: 4,
    ISPKI: 5,
    IPGP: 6,
    ACPKIX: 7,
    IACPKIX: 8,
    URI: 253,
    OID: 254,
  },
  expected: "a certificate type such as PKIX or a number from 0 to 65535",
});

const CERTIFICATE_ALGORITHM = mnemonic({
  width: 1,
  table: ALGORITHMS,
  expected: "an algorithm such as RSASHA256 or a number from 0 to 255",
});

const FINGERPRINT_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 20],
  [2, 32],
]);

/**
 * The whole of HIP (RFC 8005 section 5): the lengths come before the parts they count, and the text
 * has no place for them, so it is one field.
 */
const HOST_IDENTITY: Field = {
  read(cursor, out) {
    const algorithm = U8.read(cursor, out);
    if (algorithm !== undefined) return algorithm;
    const tag = hexFromText(cursor.peek() ?? "");
    if (tag === undefined || tag.length === 0 || tag.length > 255) {
      return "a host identity tag in hexadecimal digits";
    }
    cursor.at++;
    const key = base64FromText(cursor.peek() ?? "");
    if (key === undefined || key.length === 0) return "a public key as one word of base64";
    cursor.at++;
    out.insert(0, Uint8Array.of(tag.length));
    out.uint(key.length, 2);
    out.append(tag);
    out.append(key);
    while (!cursor.isAtEnd()) {
      const expected = NAME.read(cursor, out);
      if (expected !== undefined) return expected;
    }
    return undefined;
  },
  skip(octets, at, end) {
    const tagOctets = octets[at] ?? 0;
    const keyOctets = uintAt(octets, at + 2, 2);
    let here = at + 4 + tagOctets + keyOctets;
    if (at + 4 > end || tagOctets === 0 || keyOctets === 0 || here > end) return -1;
    while (here >= 0 && here < end) here = skipName(octets, here, end);
    return here;
  },
  print(octets, at, end) {
    const tagEnd = at + 4 + (octets[at] ?? 0);
    const keyEnd = tagEnd + uintAt(octets, at + 2, 2);
    const servers = serversOf(octets, at, end).map((start) => {
      return NAME.print(octets, start, skipName(octets, start, end));
    });
    return [
      octets[at + 1] ?? 0,
      hexToText(octets.subarray(at + 4, tagEnd)),
      base64ToText(octets.subarray(tagEnd, keyEnd)),
      ...servers,
    ].join(" ");
  },
  names: serversOf,
};

/** CERT, SSHFP, IPSECKEY, DHCID, TLSA, SMIMEA, HIP, OPENPGPKEY, SINK, HHIT, BRID. */
export const KEYS: readonly RdataDescription[] = [
  { type: TYPE.CERT, fields: [CERTIFICATE_TYPE, U16, CERTIFICATE_ALGORITHM, BASE64] },
  { type: TYPE.SSHFP, fields: [U8, U8, HEX], rule: fingerprintRule },
  // precedence gateway-type algorithm gateway key (RFC 4025 section 2)
  { type: TYPE.IPSECKEY, fields: [U8, U8, U8, gateway(1, 0xff), BASE64_OR_NONE] },
  { type: TYPE.DHCID, fields: [BASE64] },
  { type: TYPE.TLSA, fields: [U8, U8, U8, HEX] },
  { type: TYPE.SMIMEA, fields: [U8, U8, U8, HEX] },
  { type: TYPE.HIP, fields: [HOST_IDENTITY] },
  { type: TYPE.OPENPGPKEY, fields: [BASE64] },
  { type: TYPE.SINK, fields: [U8, U8, U8, BASE64_OR_NONE] },
  { type: TYPE.HHIT, fields: [BASE64] },
  { type: TYPE.BRID, fields: [BASE64] },
];

function fingerprintRule(octets: Uint8Array): string | undefined {
  return sizeRule(FINGERPRINT_OCTETS, octets[1] ?? 0, octets.length - 2);
}

/** Where the rendezvous servers' names start. */
function serversOf(octets: Uint8Array, at: number, end: number): number[] {
  const starts: number[] = [];
  let here = at + 4 + (octets[at] ?? 0) + uintAt(octets, at + 2, 2);
  while (here >= 0 && here < end) {
    starts.push(here);
    here = skipName(octets, here, end);
  }
  return starts;
}
