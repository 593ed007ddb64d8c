// EDNS (RFC 6891): the OPT record's options, each as octets, as a typed value, and as text.

import { ipToBytes, ipToText } from "../base/ip.ts";
import { copyOctets, MessageError } from "./packet.ts";
import { EDE, EDNS_OPTION } from "./types.ts";

/** One option of an OPT record as it is on the wire. */
export interface EdnsOption {
  /** 0 to 65535, see `EDNS_OPTION`. */
  readonly code: number;
  readonly octets: Uint8Array;
}

/** What an OPT record says (RFC 6891 section 6.1), without the upper bits of the rcode. */
export interface Edns {
  /** The largest UDP payload its sender takes, in octets. */
  readonly udpSize: number;
  /** 0 is all there is. */
  readonly version: number;
  /** The DO bit (RFC 3225). */
  readonly isDnssecOk: boolean;
  /** The 15 flag bits behind DO; unknown ones are ignored and sent as 0. */
  readonly flags: number;
  readonly options: readonly EdnsOption[];
}

/** An option's meaning. "other" is one without a reading here, "bad" one that breaks its RFC. */
export type EdnsValue =
  | { readonly kind: "nsid"; readonly octets: Uint8Array }
  | { readonly kind: "cookie"; readonly client: Uint8Array; readonly server?: Uint8Array }
  | {
      readonly kind: "ecs";
      /** Canonical text; host bits past `sourceBits` are zero. */
      readonly address: string;
      readonly sourceBits: number;
      readonly scopeBits: number;
    }
  | { readonly kind: "keepalive" /** In units of 100 ms. */; readonly timeout?: number }
  | { readonly kind: "padding"; readonly sizeOctets: number }
  | { readonly kind: "ede"; readonly infoCode: number; readonly text: string }
  | { readonly kind: "other"; readonly code: number; readonly octets: Uint8Array }
  | { readonly kind: "bad"; readonly code: number; readonly why: string };

const COOKIE_CLIENT_OCTETS = 8;
const COOKIE_SERVER_OCTETS_MIN = 8;
const COOKIE_SERVER_OCTETS_MAX = 32;

const EDE_TEXTS = new Map<number, string>(
  Object.entries(EDE).map(([name, code]) => [code, sentenceOf(name)]),
);

/**
 * Splits the data of an OPT record into its options.
 *
 * @param offset where the data starts in its message, for the error.
 * @throws MessageError MESSAGE_BAD_OPT where an option runs past the end.
 */
export function readOptions(octets: Uint8Array, offset = 0): EdnsOption[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const options: EdnsOption[] = [];
  for (let at = 0; at < octets.length; ) {
    const end = at + 4 > octets.length ? Number.NaN : at + 4 + view.getUint16(at + 2);
    if (!(end <= octets.length)) {
      throw new MessageError("MESSAGE_BAD_OPT", offset + at, "an EDNS option runs past the end");
    }
    options.push({ code: view.getUint16(at), octets: copyOctets(octets, at + 4, end) });
    at = end;
  }
  return options;
}

/** The data of an OPT record that holds these options, in their order. */
export function writeOptions(options: readonly EdnsOption[]): Uint8Array {
  const size = options.reduce((sum, option) => sum + 4 + option.octets.length, 0);
  const octets = new Uint8Array(size);
  const view = new DataView(octets.buffer);
  let at = 0;
  for (const option of options) {
    view.setUint16(at, option.code);
    view.setUint16(at + 2, option.octets.length);
    octets.set(option.octets, at + 4);
    at += 4 + option.octets.length;
  }
  return octets;
}

/** The meaning of an option; never throws, a broken one is `{ kind: "bad" }` with the reason. */
export function readOption(option: EdnsOption): EdnsValue {
  switch (option.code) {
    case EDNS_OPTION.NSID:
      return { kind: "nsid", octets: option.octets };
    case EDNS_OPTION.COOKIE:
      return readCookie(option);
    case EDNS_OPTION.ECS:
      return readSubnet(option);
    case EDNS_OPTION.KEEPALIVE:
      return readKeepalive(option);
    case EDNS_OPTION.PADDING:
      return { kind: "padding", sizeOctets: option.octets.length };
    case EDNS_OPTION.EDE:
      return readExtendedError(option);
    default:
      return { kind: "other", code: option.code, octets: option.octets };
  }
}

/** The octets of a value; the opposite of `readOption` for all but "bad" values. */
export function writeOption(value: Exclude<EdnsValue, { kind: "bad" }>): EdnsOption {
  switch (value.kind) {
    case "nsid":
      return { code: EDNS_OPTION.NSID, octets: value.octets };
    case "cookie":
      return { code: EDNS_OPTION.COOKIE, octets: join(value.client, value.server) };
    case "ecs":
      return writeSubnet(value);
    case "keepalive":
      return {
        code: EDNS_OPTION.KEEPALIVE,
        octets: value.timeout === undefined ? new Uint8Array(0) : uint16(value.timeout),
      };
    case "padding":
      return { code: EDNS_OPTION.PADDING, octets: new Uint8Array(value.sizeOctets) };
    case "ede":
      return {
        code: EDNS_OPTION.EDE,
        octets: join(uint16(value.infoCode), new TextEncoder().encode(value.text)),
      };
    case "other":
      return { code: value.code, octets: value.octets };
  }
}

/** One line about an option, close to what dig prints ("EDE: 18 (Prohibited): not you"). */
export function optionToText(option: EdnsOption): string {
  const value = readOption(option);
  switch (value.kind) {
    case "nsid":
      return `NSID: ${hex(value.octets)} ("${printable(value.octets)}")`;
    case "cookie":
      return `COOKIE: ${hex(value.client)}${value.server === undefined ? "" : hex(value.server)}`;
    case "ecs":
      return `CLIENT-SUBNET: ${value.address}/${value.sourceBits}/${value.scopeBits}`;
    case "keepalive":
      return value.timeout === undefined
        ? "TCP-KEEPALIVE"
        : `TCP-KEEPALIVE: ${(value.timeout / 10).toFixed(1)} secs`;
    case "padding":
      return `PADDING: ${value.sizeOctets} octets`;
    case "ede":
      return `EDE: ${value.infoCode} (${edeToText(value.infoCode)})${
        value.text === "" ? "" : `: ${value.text}`
      }`;
    case "other":
      return `OPT=${value.code}: ${hex(value.octets)}`;
    case "bad":
      return `OPT=${value.code}: ${hex(option.octets)} (malformed: ${value.why})`;
  }
}

/** The purpose of an extended error in words ("Stale answer"), or "Unknown". */
export function edeToText(infoCode: number): string {
  return EDE_TEXTS.get(infoCode) ?? "Unknown";
}

/** A cookie is 8 octets, or 16 to 40 with the server's part (RFC 7873 section 4). */
function readCookie({ code, octets }: EdnsOption): EdnsValue {
  const client = octets.subarray(0, COOKIE_CLIENT_OCTETS);
  const server = octets.subarray(COOKIE_CLIENT_OCTETS);
  if (octets.length === COOKIE_CLIENT_OCTETS) return { kind: "cookie", client };
  if (server.length < COOKIE_SERVER_OCTETS_MIN || server.length > COOKIE_SERVER_OCTETS_MAX) {
    return { kind: "bad", code, why: `a cookie has 8 or 16 to 40 octets, not ${octets.length}` };
  }
  return { kind: "cookie", client, server };
}

/** RFC 7871 section 6: exactly the octets the prefix needs, the bits past it zero. */
function readSubnet({ code, octets }: EdnsOption): EdnsValue {
  const bad = (why: string): EdnsValue => ({ kind: "bad", code, why });
  if (octets.length < 4) return bad(`a client subnet has at least 4 octets, not ${octets.length}`);
  const [high = 0, low = 0, sourceBits = 0, scopeBits = 0] = octets;
  const family = high * 256 + low;
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0) return bad(`address family ${family} is not 1 or 2`);
  if (sourceBits > size * 8) return bad(`prefix of ${sourceBits} bits is too long`);
  if (scopeBits > size * 8) return bad(`scope of ${scopeBits} bits is too long`);
  const address = new Uint8Array(size);
  if (octets.length - 4 !== Math.ceil(sourceBits / 8)) {
    return bad(`${octets.length - 4} octets do not fit a prefix of ${sourceBits} bits`);
  }
  address.set(octets.subarray(4));
  const partial = sourceBits % 8;
  if (partial !== 0 && ((octets.at(-1) ?? 0) & (0xff >> partial)) !== 0) {
    return bad(`bits past the prefix of ${sourceBits} bits are set`);
  }
  return { kind: "ecs", address: ipToText(address), sourceBits, scopeBits };
}

function writeSubnet(value: Extract<EdnsValue, { kind: "ecs" }>): EdnsOption {
  const address = ipToBytes(value.address) ?? new Uint8Array(4);
  const octets = new Uint8Array(4 + Math.ceil(value.sourceBits / 8));
  octets.set([0, address.length === 4 ? 1 : 2, value.sourceBits, value.scopeBits]);
  octets.set(address.subarray(0, octets.length - 4), 4);
  const partial = value.sourceBits % 8;
  const last = octets.length - 1;
  if (partial !== 0) octets[last] = (octets[last] ?? 0) & ~(0xff >> partial);
  return { code: EDNS_OPTION.ECS, octets };
}

/** Empty from clients, 2 octets from servers (RFC 7828 section 3.1). */
function readKeepalive({ code, octets }: EdnsOption): EdnsValue {
  if (octets.length === 0) return { kind: "keepalive" };
  if (octets.length === 2) return { kind: "keepalive", timeout: uintOf(octets) };
  return { kind: "bad", code, why: `a keepalive has 0 or 2 octets, not ${octets.length}` };
}

/** Two octets of info code, then UTF-8 text (RFC 8914 section 2); a final NUL is dropped. */
function readExtendedError({ code, octets }: EdnsOption): EdnsValue {
  if (octets.length < 2) {
    return { kind: "bad", code, why: `an extended error has at least 2 octets` };
  }
  const end = octets.length > 2 && octets.at(-1) === 0 ? -1 : undefined;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets.subarray(2, end));
  return { kind: "ede", infoCode: uintOf(octets.subarray(0, 2)), text };
}

function uintOf(octets: Uint8Array): number {
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255);
}

function join(head: Uint8Array, tail: Uint8Array = new Uint8Array(0)): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

function printable(octets: Uint8Array): string {
  const character = (octet: number): string =>
    octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".";
  return Array.from(octets, character).join("");
}

function sentenceOf(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll("_", " ")
    .replace(/dnssec|dnskey|nxdomain|rrsigs?|nsec3?|\bds\b/g, (word) =>
      word.startsWith("rrsig") ? word.replace("rrsig", "RRSIG") : word.toUpperCase(),
    );
  return words.charAt(0).toUpperCase() + words.slice(1);
}
