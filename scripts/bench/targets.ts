// Targets to be probed, on loopback addresses, and the pools that hold them.

import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Peer } from "./peer.ts";
import { ownerOf } from "./zones.ts";

/** Listens on one port of some addresses and closes every connection at once. */
export class Target {
  readonly port: number;
  readonly #servers: ReadonlyMap<string, Server>;

  private constructor(port: number, servers: ReadonlyMap<string, Server>) {
    this.port = port;
    this.#servers = servers;
  }

  /** @param connected told the address that was asked. */
  static async open(
    addresses: readonly string[],
    connected: (address: string) => void = () => undefined,
  ): Promise<Target> {
    const servers = new Map<string, Server>();
    let port = 0;
    for (const address of addresses) {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        connected(socket.localAddress ?? "");
        socket.end();
      });
      await new Promise<void>((resolve) =>
        server.listen({ port, host: address, backlog: 4096 }, resolve),
      );
      const bound = server.address();
      port = typeof bound === "object" && bound !== null ? bound.port : 0;
      servers.set(address, server);
    }
    return new Target(port, servers);
  }

  /** Refuses connections to one address, or to all, from now on. */
  async close(address?: string): Promise<void> {
    const leaving = [...this.#servers].filter(([own]) => address === undefined || own === address);
    for (const [, server] of leaving) {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }
}

/** The same server with a pools file in its site. */
export function withPools(peer: Peer, text: string, name: string): Peer {
  return {
    ...peer,
    name,
    prepare: (site) => {
      writeFileSync(join(site.folder, "pools.yaml"), text);
      return peer.prepare(site);
    },
  };
}

/** A pool for each of the first `names` names; all share two targets, of which the first is served. */
export function sharedPools(names: number, port: number, interval: string): string {
  const pools = Array.from({ length: names }, (_, i) => {
    return `  ${relative(i)}: { targets: [127.0.0.1, 127.0.0.2], checks: [tcp] }`;
  });
  return poolsFile({ port, interval, pools });
}

/**
 * A pool for each of the first `names` names, each with a target of its own beside `127.0.0.1`; that
 * one is served from its first success on, so that no hold of a start is measured as probing.
 */
export function ownPools(names: number, port: number, interval: string): string {
  const pools = Array.from({ length: names }, (_, i) => {
    return `  ${relative(i)}: { targets: [${targetAddress(i)}, 127.0.0.1], checks: [tcp], failback: { hold: 0s } }`;
  });
  return poolsFile({ port, interval, pools });
}

/** Loopback address of the `index`-th target; all of them are this host. */
function targetAddress(index: number): string {
  return `127.1.${(index >> 8) & 255}.${index & 255}`;
}

function poolsFile(file: { port: number; interval: string; pools: readonly string[] }): string {
  const { port, interval, pools } = file;
  const check = `  tcp: { kind: tcp, port: ${port}, interval: ${interval}, timeout: 500ms, jitter: "0%" }`;
  return `checks:\n${check}\npools:\n${pools.join("\n")}\n`;
}

/** Pools files write names without their final dot. */
function relative(index: number): string {
  return ownerOf(index).slice(0, -1);
}
