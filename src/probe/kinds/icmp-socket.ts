// ICMP sockets through koffi: node has none. First a datagram socket, which needs no privilege where
// net.ipv4.ping_group_range allows it, then a raw one, which needs CAP_NET_RAW. Never blocks.

import { createRequire } from "node:module";
import { type Family, ipToText } from "../../base/ip.ts";
import {
  ADDRESS_OCTETS,
  FAMILY,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SystemCallError,
  socketAddress,
} from "./system-call.ts";

/** An open socket for echo requests. */
export interface IcmpSocket {
  readonly family: Family;
  readonly way: "datagram" | "raw";
  /** @throws with the system's code. */
  send(packet: Uint8Array, address: string): void;
  /** The next packet that lies there. The octets are overwritten by the next call. */
  receive(): { readonly octets: Uint8Array; readonly from: string } | undefined;
  close(): void;
}

const PROTOCOL = { 4: 1, 6: 58 } as const;
const MSG_DONTWAIT = 0x40;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const SOL_ICMPV6 = 58;
const ICMP6_FILTER = 1;
const PACKET_OCTETS = 2048;

interface Calls {
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, octets: number) => number;
  readonly setsockopt: (
    fd: number,
    level: number,
    option: number,
    value: Uint8Array,
    octets: number,
  ) => number;
  readonly sendto: (
    fd: number,
    packet: Uint8Array,
    octets: number,
    flags: number,
    address: Uint8Array,
    addressOctets: number,
  ) => number;
  readonly recvfrom: (
    fd: number,
    packet: Uint8Array,
    octets: number,
    flags: number,
    address: Uint8Array,
    addressOctets: Uint32Array,
  ) => number;
  readonly close: (fd: number) => number;
  readonly errno: () => number;
}

let loaded: Calls | undefined;

/** The system's calls. @throws where koffi is not installed, or the system is not Linux. */
function calls(): Calls {
  if (process.platform !== "linux") throw new Error("ICMP sockets are known for Linux only");
  loaded ??= load();
  return loaded;
}

function load(): Calls {
  const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
  const library = koffi.load(null);
  return {
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, void *, uint32_t)"),
    setsockopt: library.func("int setsockopt(int, int, int, void *, uint32_t)"),
    sendto: library.func("long sendto(int, void *, unsigned long, int, void *, uint32_t)"),
    recvfrom: library.func("long recvfrom(int, void *, unsigned long, int, void *, void *)"),
    close: library.func("int close(int)"),
    errno: () => koffi.errno(),
  };
}

/**
 * Opens a socket by the first way that this host allows.
 *
 * @param source the local address to ask from.
 * @throws with the system's code, or koffi's words, when there is no way.
 */
export function openIcmpSocket(family: Family, source: string | undefined): IcmpSocket {
  const libc = calls();
  const flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  let way: IcmpSocket["way"] = "datagram";
  let fd = libc.socket(FAMILY[family], SOCK_DGRAM | flags, PROTOCOL[family]);
  if (fd < 0) {
    way = "raw";
    fd = libc.socket(FAMILY[family], SOCK_RAW | flags, PROTOCOL[family]);
  }
  if (fd < 0) throw new SystemCallError("socket", libc.errno());
  if (way === "raw") setFilter(libc, fd, family);
  if (source !== undefined) {
    const address = socketAddress(source);
    if (libc.bind(fd, address, address.length) < 0) {
      const error = new SystemCallError("bind", libc.errno());
      libc.close(fd);
      throw error;
    }
  }
  return socketOf(libc, fd, { family, way });
}

function socketOf(
  libc: Calls,
  fd: number,
  { family, way }: { readonly family: Family; readonly way: IcmpSocket["way"] },
): IcmpSocket {
  const buffer = new Uint8Array(PACKET_OCTETS);
  const address = new Uint8Array(ADDRESS_OCTETS);
  const addressOctets = Uint32Array.of(ADDRESS_OCTETS);
  return {
    family,
    way,
    send: (packet, to) => {
      const target = socketAddress(to);
      const sent = libc.sendto(fd, packet, packet.length, MSG_DONTWAIT, target, target.length);
      if (Number(sent) < 0) throw new SystemCallError("sendto", libc.errno());
    },
    receive: () => {
      addressOctets[0] = ADDRESS_OCTETS;
      const { length } = buffer;
      const got = libc.recvfrom(fd, buffer, length, MSG_DONTWAIT, address, addressOctets);
      // Nothing there, or an error of one of our packets: its probe ends at its deadline.
      if (Number(got) <= 0) return undefined;
      const from = family === 4 ? address.subarray(4, 8) : address.subarray(8, 24);
      return { octets: buffer.subarray(0, Number(got)), from: ipToText(from) };
    },
    close: () => void libc.close(fd),
  };
}

/** Lets through what may be about us: replies and "unreachable", each as a cleared bit. */
function setFilter(libc: Calls, fd: number, family: Family): void {
  const wanted = family === 4 ? [0, 3] : [129, 1];
  const bits = new Uint32Array(family === 4 ? 1 : 8).fill(0xffff_ffff);
  for (const type of wanted) {
    const word = type >> 5;
    bits[word] = (bits[word] ?? 0) & ~(1 << (type & 31));
  }
  const [level, option] = family === 4 ? [SOL_RAW, ICMP_FILTER] : [SOL_ICMPV6, ICMP6_FILTER];
  // Without it the socket merely sees more than it needs.
  libc.setsockopt(fd, level, option, new Uint8Array(bits.buffer), bits.byteLength);
}
