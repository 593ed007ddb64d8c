// Targets to be probed, on loopback addresses, and the pools that hold them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Acceptor } from "./accept.ts";
import type { Peer } from "./peer.ts";
import { ownerOf } from "./zones.ts";

/** Listens on one port of some IPv4 addresses and closes every connection at once. */
export class Target {
  readonly port: number;
  readonly #acceptors: ReadonlyMap<string, Acceptor>;

  private constructor(port: number, acceptors: ReadonlyMap<string, Acceptor>) {
    this.port = port;
    this.#acceptors = acceptors;
  }

  static async open(addresses: readonly string[]): Promise<Target> {
    const acceptors = new Map<string, Acceptor>();
    let port = 0;
    for (const address of addresses) {
      const acceptor = new Acceptor({ address, port }, () => undefined);
      port = acceptor.port;
      acceptors.set(address, acceptor);
    }
    return new Target(port, acceptors);
  }

  /** Refuses connections to one address, or to all, from now on. */
  async close(address?: string): Promise<void> {
    for (const [own, acceptor] of this.#acceptors) {
      if (address === undefined || own === address) acceptor.close();
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
