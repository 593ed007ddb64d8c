// DNSSEC and its forerunners: keys, digests, signatures, proofs of absence.

import { TYPE } from "../types.ts";
import { BASE64, BASE64_OR_NONE, HASH, HEX, SALT } from "./binary-fields.ts";
import type { RdataDescription } from "./description.ts";
import { mnemonic, NAME, number, numberFromText, SECONDS, U8, U16, U32 } from "./fields.ts";
import { SHORT_BITMAP, TYPE_BITMAP, TYPE_BITMAP_OR_NONE, TYPE_NAME } from "./type-fields.ts";

/** Algorithm numbers by the mnemonics that master files use (RFC 8624, BIND's spelling too). */
export const ALGORITHMS: Readonly<Record<string, number>> = {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  NSEC3DSA: 6,
  "DSA-NSEC3-SHA1": 6,
  NSEC3RSASHA1: 7,
  "RSASHA1-NSEC3-SHA1": 7,
  RSASHA256: 8,
  RSASHA512: 10,
  ECCGOST: 12,
  "ECC-GOST": 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
};

const ALGORITHM = mnemonic({
  width: 1,
  table: ALGORITHMS,
  expected: "an algorithm such as RSASHA256 or a number from 0 to 255",
  printsNumbers: true,
});

/** `YYYYMMDDHHmmSS` or seconds since 1970, both in UTC (RFC 4034 section 3.2), until 2106. */
const TIME = number(4, timeFromText, timeToText, "a time YYYYMMDDHHmmSS in UTC");

const DELEGATION_SIGNER = [U16, ALGORITHM, U8, HEX];
const DIGEST_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 20],
  [2, 32],
  [3, 32],
  [4, 48],
]);
const ZONE_DIGEST_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 48],
  [2, 64],
]);
/** RFC 8976 section 2.2.4. */
const ZONE_DIGEST_OCTETS_MIN = 12;

const KEY = [U16, U8, ALGORITHM, BASE64];
const KEY_OR_NONE = [U16, U8, ALGORITHM, BASE64_OR_NONE];
// covered algorithm labels ttl expiration inception tag signer signature (RFC 4034 section 3.1)
const SIGNATURE = [TYPE_NAME, ALGORITHM, U8, SECONDS, TIME, TIME, U16, NAME, BASE64];

/** DS, DNSKEY, RRSIG, NSEC, NSEC3, their relatives, CSYNC and ZONEMD. */
export const DNSSEC: readonly RdataDescription[] = [
  { type: TYPE.DS, fields: DELEGATION_SIGNER, rule: digestRule },
  { type: TYPE.CDS, fields: DELEGATION_SIGNER, rule: digestRule },
  { type: TYPE.DLV, fields: DELEGATION_SIGNER, rule: digestRule },
  { type: TYPE.TA, fields: DELEGATION_SIGNER, rule: digestRule },
  { type: TYPE.DNSKEY, fields: KEY },
  { type: TYPE.CDNSKEY, fields: KEY },
  { type: TYPE.KEY, fields: KEY_OR_NONE },
  { type: TYPE.RKEY, fields: KEY_OR_NONE },
  { type: TYPE.RRSIG, fields: SIGNATURE, names: "lowered" },
  { type: TYPE.SIG, fields: SIGNATURE, names: "early" },
  { type: TYPE.NSEC, fields: [NAME, TYPE_BITMAP] },
  { type: TYPE.NXT, fields: [NAME, SHORT_BITMAP], names: "early" },
  { type: TYPE.NSEC3, fields: [U8, U8, U16, SALT, HASH, TYPE_BITMAP_OR_NONE] },
  { type: TYPE.NSEC3PARAM, fields: [U8, U8, U16, SALT] },
  { type: TYPE.CSYNC, fields: [U32, U16, TYPE_BITMAP_OR_NONE] },
  { type: TYPE.ZONEMD, fields: [U32, U8, U8, HEX], rule: zoneDigestRule },
];

function digestRule(octets: Uint8Array): string | undefined {
  return sizeRule(DIGEST_OCTETS, octets[3] ?? 0, octets.length - 4);
}

function zoneDigestRule(octets: Uint8Array): string | undefined {
  const size = octets.length - 6;
  if (size < ZONE_DIGEST_OCTETS_MIN) return `a digest of at least ${ZONE_DIGEST_OCTETS_MIN} octets`;
  return octets[4] === 1 ? sizeRule(ZONE_DIGEST_OCTETS, octets[5] ?? 0, size) : undefined;
}

/** Known digest types have one size; unknown ones may have any. */
export function sizeRule(
  sizes: ReadonlyMap<number, number>,
  digestType: number,
  size: number,
): string | undefined {
  const expected = sizes.get(digestType) ?? size;
  if (size === expected) return undefined;
  return `a digest of ${expected} octets, as type ${digestType} has (this one has ${size})`;
}

function timeFromText(text: string): number | undefined {
  if (text.length !== 14) return numberFromText(text, 0xffff_ffff);
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(Number);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  const isInRange = seconds >= 0 && seconds <= 0xffff_ffff;
  // Date.UTC carries the 31st of June over into July; such a date is refused.
  return isInRange && timeToText(seconds) === text ? seconds : undefined;
}

function timeToText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "");
}
