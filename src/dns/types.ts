// The numbers of DNS and their names, as IANA registers them: types, classes, opcodes, rcodes,
// EDNS options and extended errors.

/** RR types by mnemonic (IANA "Resource Record (RR) TYPEs"), meta types included. */
export const TYPE = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  "NSAP-PTR": 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  SRV: 33,
  ATMA: 34,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  A6: 38,
  DNAME: 39,
  SINK: 40,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  DSYNC: 66,
  HHIT: 67,
  BRID: 68,
  SPF: 99,
  UINFO: 100,
  UID: 101,
  GID: 102,
  UNSPEC: 103,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
  DOA: 259,
  AMTRELAY: 260,
  RESINFO: 261,
  WALLET: 262,
  CLA: 263,
  IPN: 264,
  TA: 32768,
  DLV: 32769,
} as const;

/** Classes by mnemonic (IANA "DNS CLASSes"). */
export const CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

/** Opcodes by mnemonic (IANA "DNS OpCodes"). */
export const OPCODE = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;

/**
 * Response codes by mnemonic (IANA "DNS RCODEs"); above 15 they need an OPT record's upper bits or
 * live inside TSIG. BADVERS and BADSIG share 16.
 */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;

/** EDNS option codes (IANA "DNS EDNS0 Option Codes"). */
export const EDNS_OPTION = {
  LLQ: 1,
  UPDATE_LEASE: 2,
  NSID: 3,
  DAU: 5,
  DHU: 6,
  N3U: 7,
  ECS: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  CHAIN: 13,
  KEY_TAG: 14,
  EDE: 15,
  CLIENT_TAG: 16,
  SERVER_TAG: 17,
  REPORT_CHANNEL: 18,
  ZONEVERSION: 19,
  MQTYPE_QUERY: 20,
  MQTYPE_RESPONSE: 21,
} as const;

/** Info codes of Extended DNS Errors (RFC 8914 section 4 and later registrations). */
export const EDE = {
  OTHER: 0,
  UNSUPPORTED_DNSKEY_ALGORITHM: 1,
  UNSUPPORTED_DS_DIGEST: 2,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  DNSSEC_INDETERMINATE: 5,
  DNSSEC_BOGUS: 6,
  SIGNATURE_EXPIRED: 7,
  SIGNATURE_NOT_YET_VALID: 8,
  DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10,
  NO_ZONE_KEY_BIT: 11,
  NSEC_MISSING: 12,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  BLOCKED: 15,
  CENSORED: 16,
  FILTERED: 17,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
  SIGNATURE_EXPIRED_BEFORE_VALID: 25,
  TOO_EARLY: 26,
  UNSUPPORTED_NSEC3_ITERATIONS: 27,
  UNABLE_TO_CONFORM_TO_POLICY: 28,
  SYNTHESIZED: 29,
  INVALID_QUERY_TYPE: 30,
} as const;

const TYPE_NAMES = namesOf(TYPE);
const CLASS_NAMES = namesOf(CLASS);
const RCODE_NAMES = namesOf(RCODE);
const OPCODE_NAMES = namesOf(OPCODE);
const TYPE_NUMBERS = numbersOf(TYPE);
const CLASS_NUMBERS = numbersOf(CLASS);
const RCODE_NUMBERS = numbersOf(RCODE);

/** The mnemonic of a type, or `TYPEn` where it has none here (RFC 3597 section 5). */
export function typeToText(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}

/** The type that a mnemonic or `TYPEn` names, in any case; `undefined` where it names none. */
export function typeFromText(text: string): number | undefined {
  return TYPE_NUMBERS.get(text) ?? numbered(text, "TYPE", TYPE_NUMBERS);
}

/** The mnemonic of a class, or `CLASSn` (RFC 3597 section 5). */
export function classToText(value: number): string {
  return CLASS_NAMES.get(value) ?? `CLASS${value}`;
}

/** The class that a mnemonic or `CLASSn` names, in any case; `undefined` where it names none. */
export function classFromText(text: string): number | undefined {
  return CLASS_NUMBERS.get(text) ?? numbered(text, "CLASS", CLASS_NUMBERS);
}

/** The mnemonic of a response code ("NXDOMAIN"), or `RCODEn`; 16 is BADVERS. */
export function rcodeToText(rcode: number): string {
  return RCODE_NAMES.get(rcode) ?? `RCODE${rcode}`;
}

/** The response code of a mnemonic in any case; `undefined` where there is none. */
export function rcodeFromText(text: string): number | undefined {
  return RCODE_NUMBERS.get(text.toUpperCase());
}

/** The mnemonic of an opcode ("QUERY"), or `OPCODEn`. */
export function opcodeToText(opcode: number): string {
  return OPCODE_NAMES.get(opcode) ?? `OPCODE${opcode}`;
}

/**
 * Whether records of this type can stand in a zone: 1 to 65535 without OPT and without the range
 * 128 to 255 of question and meta types (RFC 6895 section 3.1).
 */
export function isDataType(type: number): boolean {
  return type >= 1 && type <= 0xffff && type !== TYPE.OPT && !(type >= 128 && type <= 255);
}

function namesOf(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, value] of Object.entries(table)) {
    if (!names.has(value)) names.set(value, name);
  }
  return names;
}

function numbersOf(table: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(table));
}

/** A mnemonic not in upper case, or the prefix with a number from 0 to 65535 behind it. */
function numbered(
  text: string,
  prefix: string,
  numbers: ReadonlyMap<string, number>,
): number | undefined {
  const upper = text.toUpperCase();
  const known = numbers.get(upper);
  if (known !== undefined) return known;
  const digits = upper.slice(prefix.length);
  if (!upper.startsWith(prefix) || !/^\d{1,5}$/.test(digits)) return undefined;
  const value = Number(digits);
  return value <= 0xffff ? value : undefined;
}
