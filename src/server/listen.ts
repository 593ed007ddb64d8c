// Where the server listens: an address and a port, and their spelling.

import { ipToBytes } from "../base/ip.ts";

/** One address and port. `address` is canonical text (`base/ip`); port 0 lets the system choose. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** How operators write it: "127.0.0.1:5300", "[::1]:5300". */
export function formatListen({ address, port }: ListenAddress): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whether replies from this listener must name the address that was asked. */
export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** Whether an address in text form is an IPv6 one. */
export function isIpv6(address: string): boolean {
  return address.includes(":");
}

/** Octets of an address as Node spells it: a link-local one carries its interface after a "%". */
export function nodeAddressBytes(text: string): Uint8Array | undefined {
  return ipToBytes(text.replace(/%.*$/, ""));
}
