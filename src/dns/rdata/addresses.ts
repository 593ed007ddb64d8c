// Addresses other than A and AAAA, of links, locators and networks long gone.

import { TYPE } from "../types.ts";
import { ipv4FromText, ipv6FromText, ipv6ToText } from "./address-text.ts";
import { HEX } from "./binary-fields.ts";
import type { Field, OctetWriter, RdataDescription } from "./description.ts";
import { hexFromText, hexToText } from "./encodings.ts";
import { fixed, IPV4, mnemonic, numberFromText, U8, U16, uintAt } from "./fields.ts";
import { gateway } from "./gateway.ts";

const EUI48 = eui(6, "00-00-5e-00-53-2a");
const EUI64 = eui(8, "00-00-5e-ef-10-00-00-2a");

/** 64 bits as four groups without "::" (RFC 6742 section 2.1.2). */
const LOCATOR64: Field = fixed(
  8,
  (text) => {
    const groups = text.split(":");
    if (groups.length !== 4 || !groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) {
      return undefined;
    }
    return hexFromText(groups.map((group) => group.padStart(4, "0")).join(""));
  },
  (octets) => [0, 2, 4, 6].map((at) => uintAt(octets, at, 2).toString(16)).join(":"),
  "four groups of hexadecimal digits such as 14:4fff:ff20:ee64",
);

const APL_EXPECTED = "an address prefix such as 1:192.0.2.0/24 or !2:2001:db8::/32";

/** Any number of address prefixes (RFC 3123 section 4). */
const PREFIXES: Field = {
  read(cursor, out) {
    for (; !cursor.isAtEnd(); cursor.at++) {
      if (!readPrefix(cursor.peek() ?? "", out)) return APL_EXPECTED;
    }
    return undefined;
  },
  skip(octets, at, end) {
    let here = at;
    while (here < end) {
      const family = uintAt(octets, here, 2);
      const size = (octets[here + 3] ?? 0) & 0x7f;
      const next = here + 4 + size;
      const most = family === 1 ? 4 : family === 2 ? 16 : -1;
      const isSound = here + 4 <= end && next <= end && size <= most;
      // The last octet is not zero: trailing zeros are left out.
      if (!isSound || (octets[here + 2] ?? 0) > most * 8) return -1;
      if (size > 0 && octets[next - 1] === 0) return -1;
      here = next;
    }
    return here;
  },
  print(octets, at, end) {
    const texts: string[] = [];
    for (let here = at; here < end; ) {
      const flags = octets[here + 3] ?? 0;
      const next = here + 4 + (flags & 0x7f);
      const family = uintAt(octets, here, 2);
      const address = new Uint8Array(family === 1 ? 4 : 16);
      address.set(octets.subarray(here + 4, next));
      const text = family === 1 ? address.join(".") : ipv6ToText(address);
      texts.push(`${flags >= 0x80 ? "!" : ""}${family}:${text}/${octets[here + 2] ?? 0}`);
      here = next;
    }
    return texts.join(" ");
  },
};

/** Hexadecimal digits behind "0x", dots anywhere (RFC 1706 section 5). */
const NSAP_ADDRESS: Field = {
  read(cursor, out) {
    const text = cursor.peek() ?? "";
    const octets = /^0x/i.test(text) ? hexFromText(text.slice(2).replaceAll(".", "")) : undefined;
    if (octets === undefined || octets.length === 0) {
      return "an NSAP address such as 0x47.0005.80";
    }
    out.append(octets);
    cursor.at++;
    return undefined;
  },
  skip: (_octets, at, end) => (end > at ? end : -1),
  print: (octets, at, end) => `0x${hexToText(octets.subarray(at, end)).toLowerCase()}`,
};

/** "+" and digits, or an end system address in hexadecimal digits (ATM Forum af-saa-0069). */
const ATM_ADDRESS: Field = {
  read(cursor, out) {
    const text = (cursor.peek() ?? "").replaceAll(".", "");
    const digits = /^\+\d+$/.test(text) ? text.slice(1) : undefined;
    const octets = digits === undefined ? hexFromText(text) : latin1Octets(digits);
    if (octets === undefined || octets.length === 0) {
      return "an ATM address: + and digits, or hexadecimal digits";
    }
    out.uint(digits === undefined ? 0 : 1, 1);
    out.append(octets);
    cursor.at++;
    return undefined;
  },
  skip(octets, at, end) {
    const format = octets[at];
    if (end - at < 2 || (format !== 0 && format !== 1)) return -1;
    return format === 0 || octets.subarray(at + 1, end).every(isDigit) ? end : -1;
  },
  print(octets, at, end) {
    const address = octets.subarray(at + 1, end);
    return octets[at] === 1 ? `+${String.fromCharCode(...address)}` : hexToText(address);
  },
};

const PROTOCOL = mnemonic({
  width: 1,
  table: { TCP: 6, UDP: 17 },
  expected: "a protocol: TCP, UDP or a number from 0 to 255",
  printsNumbers: true,
});

/** The services that RFC 1035's time had names for. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ["ftp-data", 20],
  ["ftp", 21],
  ["telnet", 23],
  ["smtp", 25],
  ["time", 37],
  ["domain", 53],
  ["finger", 79],
  ["http", 80],
  ["pop3", 110],
  ["nntp", 119],
  ["ntp", 123],
]);

/** The ports of WKS, a bitmap without trailing zero octets (RFC 1035 section 3.4.2). */
const PORTS: Field = {
  read(cursor, out) {
    const ports: number[] = [];
    for (; !cursor.isAtEnd(); cursor.at++) {
      const text = cursor.peek() ?? "";
      const port = SERVICES.get(text.toLowerCase()) ?? numberFromText(text, 0xffff);
      if (port === undefined) return "a port number from 0 to 65535, or a name such as smtp";
      ports.push(port);
    }
    const bits = new Uint8Array(ports.length === 0 ? 0 : (Math.max(...ports) >> 3) + 1);
    for (const port of ports) bits[port >> 3] = (bits[port >> 3] ?? 0) | (0x80 >> (port & 7));
    out.append(bits);
    return undefined;
  },
  skip: (octets, at, end) => {
    const isSound = end - at <= 8192 && (at === end || octets[end - 1] !== 0);
    return isSound ? end : -1;
  },
  print(octets, at, end) {
    const ports: number[] = [];
    for (let port = 0; port < (end - at) * 8; port++) {
      if (((octets[at + (port >> 3)] ?? 0) & (0x80 >> (port & 7))) !== 0) ports.push(port);
    }
    return ports.join(" ");
  },
};

/** The discovery bit and the relay type of AMTRELAY share an octet (RFC 8777 section 4.2). */
const RELAY_TYPE: Field = {
  read(cursor, out) {
    const discovery = cursor.peek();
    if (discovery !== "0" && discovery !== "1") return "0 or 1 for optional discovery";
    cursor.at++;
    const type = numberFromText(cursor.peek() ?? "", 127);
    if (type === undefined) return "a relay type from 0 to 3";
    cursor.at++;
    out.uint((discovery === "1" ? 0x80 : 0) | type, 1);
    return undefined;
  },
  skip: (_octets, at, end) => (at < end ? at + 1 : -1),
  print: (octets, at) => `${(octets[at] ?? 0) >> 7} ${(octets[at] ?? 0) & 0x7f}`,
};

/** WKS, NSAP, EID, NIMLOC, ATMA, APL, NID, L32, L64, EUI48, EUI64, AMTRELAY. */
export const ADDRESSES: readonly RdataDescription[] = [
  { type: TYPE.WKS, fields: [IPV4, PROTOCOL, PORTS] },
  { type: TYPE.NSAP, fields: [NSAP_ADDRESS] },
  { type: TYPE.EID, fields: [HEX] },
  { type: TYPE.NIMLOC, fields: [HEX] },
  { type: TYPE.ATMA, fields: [ATM_ADDRESS] },
  { type: TYPE.APL, fields: [PREFIXES] },
  { type: TYPE.NID, fields: [U16, LOCATOR64], sizeOctets: 10 },
  { type: TYPE.L32, fields: [U16, IPV4], sizeOctets: 6 },
  { type: TYPE.L64, fields: [U16, LOCATOR64], sizeOctets: 10 },
  { type: TYPE.EUI48, fields: [EUI48], sizeOctets: 6 },
  { type: TYPE.EUI64, fields: [EUI64], sizeOctets: 8 },
  { type: TYPE.AMTRELAY, fields: [U8, RELAY_TYPE, gateway(1, 0x7f)] },
];

function eui(width: number, example: string): Field {
  return fixed(
    width,
    (text) => {
      const parts = text.split("-");
      if (parts.length !== width || !parts.every((part) => /^[0-9A-Fa-f]{1,2}$/.test(part))) {
        return undefined;
      }
      return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
    },
    (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("-"),
    `${width} octets such as ${example}`,
  );
}

/** One `[!]family:address/bits`; trailing zero octets of the address are left out on the wire. */
function readPrefix(text: string, out: OctetWriter): boolean {
  const parts = /^(!?)([12]):([^/]+)\/(\d{1,3})$/.exec(text);
  if (parts === null) return false;
  const [, sign = "", family = "", addressText = "", bits = ""] = parts;
  const address = family === "1" ? ipv4FromText(addressText) : ipv6FromText(addressText);
  if (address === undefined || Number(bits) > address.length * 8) return false;
  let size = address.length;
  while (size > 0 && address[size - 1] === 0) size--;
  out.uint(Number(family), 2);
  out.uint(Number(bits), 1);
  out.uint((sign === "!" ? 0x80 : 0) | size, 1);
  out.append(address.subarray(0, size));
  return true;
}

function latin1Octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}
