// The TSIG record on the wire (RFC 8945 section 4.2): found at the end of a message and taken off,
// or put there. Knows no keys and no arithmetic.

import { lowerName, type Name } from "../dns/name.ts";
import { MessageError, readPacketName } from "../dns/packet.ts";
import { CLASS, TYPE } from "../dns/types.ts";

/** A TSIG record's fields. */
export interface TsigRecord {
  /** The key's name. */
  readonly owner: Name;
  readonly algorithm: Name;
  /** Seconds since 1970, 48 bits. */
  readonly timeSigned: number;
  readonly fudgeSeconds: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
}

/** A message and the TSIG record that was behind it. */
export type SplitMessage =
  | { readonly kind: "unsigned" }
  | { readonly kind: "malformed" }
  | {
      readonly kind: "signed";
      /** Without the record, its count and with the original id: what was signed. */
      readonly message: Uint8Array;
      readonly tsig: TsigRecord;
    };

const HEADER_OCTETS = 12;
const RECORD_FIXED_OCTETS = 10;

/** Takes the TSIG record off a message. It may stand at the very end only, and once. */
export function splitTsig(packet: Uint8Array): SplitMessage {
  try {
    return split(packet);
  } catch (error) {
    if (error instanceof MessageError) return { kind: "malformed" };
    throw error;
  }
}

/** `message` with the record behind it and counted. */
export function withTsig(message: Uint8Array, tsig: TsigRecord): Uint8Array {
  const size = tsigOctets(tsig);
  const signed = new Uint8Array(message.length + size);
  signed.set(message);
  const view = new DataView(signed.buffer);
  view.setUint16(10, view.getUint16(10) + 1);
  let at = message.length;
  const put = (octets: Uint8Array): void => {
    signed.set(octets, at);
    at += octets.length;
  };
  put(tsig.owner);
  view.setUint16(at, TYPE.TSIG);
  view.setUint16(at + 2, CLASS.ANY);
  view.setUint32(at + 4, 0);
  view.setUint16(at + 8, size - tsig.owner.length - RECORD_FIXED_OCTETS);
  at += RECORD_FIXED_OCTETS;
  put(lowerName(tsig.algorithm));
  put(timeOctets(tsig.timeSigned));
  view.setUint16(at, tsig.fudgeSeconds);
  view.setUint16(at + 2, tsig.mac.length);
  at += 4;
  put(tsig.mac);
  view.setUint16(at, tsig.originalId);
  view.setUint16(at + 2, tsig.error);
  view.setUint16(at + 4, tsig.other.length);
  at += 6;
  put(tsig.other);
  return signed;
}

/** Octets that a record takes at the end of a message; its names are not compressed. */
export function tsigOctets(
  tsig: Pick<TsigRecord, "owner" | "algorithm" | "mac" | "other">,
): number {
  const names = tsig.owner.length + tsig.algorithm.length;
  return names + RECORD_FIXED_OCTETS + 16 + tsig.mac.length + tsig.other.length;
}

/** A time as 48 bits. */
export function timeOctets(seconds: number): Uint8Array {
  const octets = new Uint8Array(6);
  const view = new DataView(octets.buffer);
  view.setUint16(0, Math.floor(seconds / 0x1_0000_0000));
  view.setUint32(2, seconds >>> 0);
  return octets;
}

/** The time in 6 octets. */
export function readTime(octets: Uint8Array): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return view.getUint16(0) * 0x1_0000_0000 + view.getUint32(2);
}

function split(packet: Uint8Array): SplitMessage {
  if (packet.length < HEADER_OCTETS) return { kind: "malformed" };
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const additionals = view.getUint16(10);
  const records = view.getUint16(6) + view.getUint16(8) + additionals;
  let at = HEADER_OCTETS;
  for (let i = view.getUint16(4); i > 0; i--) at = skipName(packet, at) + 4;
  for (let i = 1; i <= records; i++) {
    const end = skipName(packet, at);
    const data = end + RECORD_FIXED_OCTETS;
    if (data > packet.length) return { kind: "malformed" };
    const next = data + view.getUint16(data - 2);
    if (next > packet.length) return { kind: "malformed" };
    if (view.getUint16(end) === TYPE.TSIG) {
      // RFC 8945 section 5.1: the last record of the additional section, and the only one.
      const isLast = i === records && additionals > 0 && next === packet.length;
      const isWellFormed = view.getUint16(end + 2) === CLASS.ANY && view.getUint32(end + 4) === 0;
      if (!isLast || !isWellFormed) return { kind: "malformed" };
      const { name: owner } = readPacketName(packet, at);
      const tsig = readRecord(packet, { owner, at: data, end: next });
      if (tsig === undefined) return { kind: "malformed" };
      return { kind: "signed", message: unsignedPart(packet, at, tsig.originalId), tsig };
    }
    at = next;
  }
  return { kind: "unsigned" };
}

/** Where a name ends, without reading it: most records are none of ours. */
function skipName(packet: Uint8Array, start: number): number {
  for (let at = start; at < packet.length; ) {
    const size = packet[at] ?? 0;
    if (size >= 0xc0) return at + 2;
    if (size === 0) return at + 1;
    at += 1 + size;
  }
  return packet.length;
}

function unsignedPart(packet: Uint8Array, end: number, originalId: number): Uint8Array {
  const message = new Uint8Array(packet.subarray(0, end));
  const view = new DataView(message.buffer);
  view.setUint16(0, originalId);
  view.setUint16(10, view.getUint16(10) - 1);
  return message;
}

function readRecord(
  packet: Uint8Array,
  place: { readonly owner: Name; readonly at: number; readonly end: number },
): TsigRecord | undefined {
  const { owner, end } = place;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const { name: algorithm, end: at } = readPacketName(packet, place.at, end);
  if (at + 16 > end) return undefined;
  const macEnd = at + 10 + view.getUint16(at + 8);
  if (macEnd + 6 > end) return undefined;
  const otherEnd = macEnd + 6 + view.getUint16(macEnd + 4);
  if (otherEnd !== end) return undefined;
  return {
    owner,
    algorithm,
    timeSigned: readTime(packet.subarray(at, at + 6)),
    fudgeSeconds: view.getUint16(at + 6),
    mac: new Uint8Array(packet.subarray(at + 10, macEnd)),
    originalId: view.getUint16(macEnd),
    error: view.getUint16(macEnd + 2),
    other: new Uint8Array(packet.subarray(macEnd + 6, otherEnd)),
  };
}
