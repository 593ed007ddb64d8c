// Echo requests and what may come back (RFC 792, RFC 4443). Pure: octets in, values out.

import { type Family, ipToText } from "../../base/ip.ts";

/** What an ICMP packet says about one of our requests. */
export type IcmpReply =
  | { readonly kind: "echo"; readonly id: number; readonly sequence: number; readonly mark: string }
  /** Somebody on the way, or the target itself, says that it cannot be delivered. */
  | {
      readonly kind: "unreachable";
      readonly id: number;
      readonly sequence: number;
      /** Who the request was sent to. */
      readonly to: string;
      readonly why: string;
    };

/** Octets of our own in each request: what comes back without them is no answer to us. */
export const MARK_OCTETS = 8;

const HEAD_OCTETS = 8;
const TYPES = {
  4: { request: 8, reply: 0, unreachable: 3 },
  6: { request: 128, reply: 129, unreachable: 1 },
} as const;

const WHY: Readonly<Record<Family, readonly string[]>> = {
  4: ["network", "host", "protocol", "port"],
  6: ["no route to it", "prohibited", "beyond scope", "address", "port"],
};

/** An echo request with `mark` (MARK_OCTETS characters) as its data. */
export function echoRequest(
  family: Family,
  { id, sequence, mark }: { readonly id: number; readonly sequence: number; readonly mark: string },
): Uint8Array {
  const packet = Buffer.alloc(HEAD_OCTETS + MARK_OCTETS);
  packet[0] = TYPES[family].request;
  packet.writeUInt16BE(id, 4);
  packet.writeUInt16BE(sequence, 6);
  packet.write(mark, HEAD_OCTETS, "latin1");
  // The kernel writes the checksum of ICMPv6 itself: it covers the addresses too.
  if (family === 4) packet.writeUInt16BE(checksum(packet), 2);
  return packet;
}

/**
 * Reads a packet as a socket hands it over.
 *
 * @param hasHeader whether the IPv4 header comes first, as raw sockets deliver it.
 * @returns undefined for everything that is no word on an echo request.
 */
export function readReply(
  family: Family,
  octets: Uint8Array,
  hasHeader: boolean,
): IcmpReply | undefined {
  const packet = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const at = hasHeader && family === 4 ? headerOctets(packet) : 0;
  if (packet.length < at + HEAD_OCTETS) return undefined;
  const type = packet.readUInt8(at);
  const body = packet.subarray(at + HEAD_OCTETS);
  if (type === TYPES[family].reply) {
    const mark = body.toString("latin1", 0, MARK_OCTETS);
    return { kind: "echo", ...idOf(packet, at), mark };
  }
  if (type !== TYPES[family].unreachable) return undefined;
  return unreachable(family, body, packet.readUInt8(at + 1));
}

/** The request that an error quotes. */
function unreachable(family: Family, quoted: Buffer, code: number): IcmpReply | undefined {
  const at = family === 4 ? headerOctets(quoted) : 40;
  if (quoted.length < at + HEAD_OCTETS || at === 0) return undefined;
  if (quoted.readUInt8(at) !== TYPES[family].request) return undefined;
  const to = ipToText(family === 4 ? quoted.subarray(16, 20) : quoted.subarray(24, 40));
  const why = WHY[family][code] ?? `code ${code}`;
  return { kind: "unreachable", ...idOf(quoted, at), to, why: `${why} unreachable` };
}

function idOf(packet: Buffer, at: number): { readonly id: number; readonly sequence: number } {
  return { id: packet.readUInt16BE(at + 4), sequence: packet.readUInt16BE(at + 6) };
}

/** The length of an IPv4 header, 0 where there is none. */
function headerOctets(packet: Buffer): number {
  if (packet.length < 20 || packet.readUInt8(0) >> 4 !== 4) return 0;
  return (packet.readUInt8(0) & 0x0f) * 4;
}

/** The Internet checksum (RFC 1071). */
function checksum(packet: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < packet.length; at += 2) sum += packet.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
