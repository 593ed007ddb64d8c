// What probes need of the system beyond node, through koffi: its errors, and addresses as it takes them.

import { constants } from "node:os";
import { AppError } from "../../base/errors.ts";
import { type Family, familyOf, ipToBytes } from "../../base/ip.ts";

/** A system call that failed; it has the fields of node's own errors. */
export class SystemCallError extends AppError {
  override readonly code: string;
  readonly syscall: string;

  /** @param about what it was about: an address, for people. */
  constructor(syscall: string, errno: number, about = "") {
    const code = CODES.get(errno) ?? `errno ${errno}`;
    super(`${syscall} ${code}${about === "" ? "" : ` ${about}`}`);
    this.code = code;
    this.syscall = syscall;
  }
}

const CODES = new Map(Object.entries(constants.errno).map(([code, number]) => [number, code]));

/** Linux's numbers; the same on every processor that node runs on. */
export const FAMILY = { 4: 2, 6: 10 } as const;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;

/** Octets of the longest address, that of IPv6. */
export const ADDRESS_OCTETS = 28;
const OCTETS = { 4: 16, 6: ADDRESS_OCTETS } as const;
const DOT = 46;
const ZERO = 48;

/** sockaddr_in or sockaddr_in6, without a port. */
export function socketAddress(address: string): Uint8Array {
  const family = familyOf(address) ?? 4;
  const octets = ipToBytes(address) ?? new Uint8Array(4);
  const memory = new Uint8Array(OCTETS[family]);
  new DataView(memory.buffer).setUint16(0, FAMILY[family], true);
  memory.set(octets, family === 4 ? 4 : 8);
  return memory;
}

/**
 * Writes sockaddr_in or sockaddr_in6 over `memory`, of `ADDRESS_OCTETS` octets.
 *
 * @param address canonical text.
 * @returns how many octets of it count, or `undefined` where `address` is none.
 */
export function writeSocketAddress(
  memory: Uint8Array,
  address: string,
  port: number,
): number | undefined {
  const family = familyIn(address);
  // The family is in the order of the processor, which is little-endian wherever this is used.
  memory[0] = FAMILY[family];
  memory[1] = 0;
  memory[2] = port >> 8;
  memory[3] = port & 255;
  if (family === 4) return writeDotted(memory, address) ? OCTETS[4] : undefined;
  const octets = ipToBytes(address);
  if (octets === undefined) return undefined;
  memory.fill(0, 4);
  memory.set(octets, 8);
  return OCTETS[6];
}

/** The family of a text that is an address. */
export function familyIn(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

/** Ten thousand times a second: no list of parts is made of the text. */
function writeDotted(memory: Uint8Array, address: string): boolean {
  let at = 4;
  let octet = 0;
  for (let i = 0; i < address.length; i++) {
    const character = address.charCodeAt(i);
    if (character === DOT) {
      memory[at++] = octet;
      octet = 0;
    } else {
      octet = octet * 10 + character - ZERO;
      if (character < ZERO || character > ZERO + 9 || octet > 255) return false;
    }
  }
  memory[at] = octet;
  return at === 7;
}
