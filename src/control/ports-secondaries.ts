// What control asks of the world about other servers of a zone.

import type { Name } from "../dns/name.ts";
import type { TsigKey } from "../dns/tsig-key.ts";

/** A server that is told or asked something. */
export interface OtherServer {
  /** Canonical IP text. */
  readonly address: string;
  readonly port: number;
  /** Signs what is sent; what comes back must be signed then. */
  readonly key: TsigKey | undefined;
}

/** Speaks with other servers over UDP. */
export interface ServersPort {
  /**
   * Sends a message and waits for the answer to it.
   *
   * @returns the answer without its signature; undefined where none came in time that is to be trusted.
   */
  ask(server: OtherServer, message: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined>;
  /** Addresses of a host that is in none of our zones; none where they cannot be found. */
  addressesOf(host: Name): Promise<readonly string[]>;
  close(): void;
}

/** Which servers a zone has beside this one. */
export interface ZoneServers {
  readonly origin: Name;
  /** Whether the servers of its NS set are notified. */
  readonly isNotifying: boolean;
  readonly alsoNotify: readonly OtherServer[];
}
