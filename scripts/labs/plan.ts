// The lab on paper: which hosts there are, at which addresses, and what they are there for.

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** One network namespace with one service in it. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly role: string;
}

/** All addresses are of RFC 5737's first documentation network, and of nobody. */
export const NETWORK = "192.0.2";
/** The switch between all hosts, which also answers pings: an anchor for whoever asks whether it is cut off. */
export const GATEWAY = `${NETWORK}.254`;
export const DNS_PORT = 53;
export const WEB_PORT = 8080;
export const SQL_PORT = 5432;

/** The zone that livezone serves, and the one above it. */
export const ZONE = "lab.example";
export const PARENT_ZONE = "example";

const host = (name: string, last: number, role: string): Host => ({
  name,
  address: `${NETWORK}.${last}`,
  role,
});

/** Every host by name. */
export const HOSTS = {
  parent: host("parent", 1, "NSD: the zone example, which delegates lab.example"),
  livezone: host("livezone", 53, "livezone: the zone lab.example"),
  nsd: host("nsd", 54, "NSD: a secondary of lab.example"),
  knot: host("knot", 55, "Knot: a secondary of lab.example"),
  unbound: host("unbound", 61, "resolver: Unbound as Debian sets it"),
  bind: host("bind", 62, "resolver: BIND as Debian sets it"),
  clamp: host("clamp", 63, "resolver: Unbound with cache-min-ttl 300 and serve-expired"),
  web1: host("web1", 10, "web target, the primary of www.lab.example"),
  web2: host("web2", 20, "web target, the standby"),
  db1: host("db1", 31, "PostgreSQL, the primary of db.lab.example"),
  db2: host("db2", 32, "PostgreSQL, its synchronous standby"),
  client: host("client", 100, "client: asks through each resolver and requests the page"),
} as const satisfies Readonly<Record<string, Host>>;

/** The name of a host. */
export type HostName = keyof typeof HOSTS;

/** Hosts in the order in which they are started, and shown. */
export const HOST_NAMES = Object.keys(HOSTS) as readonly HostName[];

/** The servers of the zone, in the order of their names: ns1, ns2, ns3. */
export const AUTHORITATIVE: readonly HostName[] = ["livezone", "nsd", "knot"];

/** The recursive resolvers: through them pages are requested, not only addresses asked for. */
export const RESOLVERS: readonly HostName[] = ["unbound", "bind", "clamp"];

/** Whether a word names a host. */
export function isHostName(word: string): word is HostName {
  return Object.hasOwn(HOSTS, word);
}

/** `text` with the names of hosts in place of their addresses. */
export function withHostNames(text: string): string {
  return text.replaceAll(/\b192\.0\.2\.\d{1,3}\b/g, (address) => {
    const found = HOST_NAMES.find((name) => HOSTS[name].address === address);
    return found ?? (address === GATEWAY ? "gateway" : address);
  });
}

/** One lab of possibly several on a machine: what its namespaces and folders are called. */
export interface Site {
  /** Every namespace, and nothing else on the machine, begins like this. */
  readonly prefix: string;
  /** Configuration, data and logs; gone with the lab. */
  readonly folder: string;
  file(...path: string[]): string;
  namespace(host: HostName | "switch"): string;
}

/**
 * The lab of a name. `lab` is the one that people use; tests have one for each clone of the repository,
 * so that neither gets into the other's way.
 */
export function siteOf(name: string): Site {
  const folder = resolve("var", name);
  const prefix = `livezone-${name}`;
  return {
    prefix,
    folder,
    file: (...path) => join(folder, ...path),
    namespace: (host) => `${prefix}-${host}`,
  };
}

/** The name of the lab that tests of this clone use. */
export function testSiteName(): string {
  return `test-${createHash("sha256").update(resolve(".")).digest("hex").slice(0, 6)}`;
}
