// Where the server listens: an address and a port, and their spelling.

/** One address and port. `address` is canonical text (`base/ip`); port 0 lets the system choose. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** How operators write it: "127.0.0.1:5300", "[::1]:5300". */
export function formatListen({ address, port }: ListenAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whether replies from this listener must name the address that was asked. */
export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
