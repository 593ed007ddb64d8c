// The zone above: NSD serves `example` and delegates `lab.example` to livezone, with glue.

import { writeFileSync } from "node:fs";
import { HOSTS, type HostName, NETWORK, PARENT_ZONE, type Site, ZONE } from "../plan.ts";
import { type Service, signalHost } from "../service.ts";
import { nsdServer } from "./nsd-server.ts";

/** What the parent says about the zone, as lines of its own zone file. */
export interface Delegation {
  readonly servers: readonly string[];
  /** Addresses of those servers, `name address`. */
  readonly glue: readonly string[];
}

/** As it should be: the servers of the zone are ns1, ns2 and ns3, in this order. */
export function goodDelegation(hosts: readonly HostName[]): Delegation {
  const names = hosts.map((_, index) => `ns${index + 1}.${ZONE}`);
  return {
    servers: names,
    glue: hosts.map((host, index) => `${names[index]} ${HOSTS[host].address}`),
  };
}

/** The glue leads to an address where nobody is, as after a move that the registry was not told. */
export const BROKEN_DELEGATION: Delegation = {
  servers: [`ns1.${ZONE}`],
  glue: [`ns1.${ZONE} ${NETWORK}.99`],
};

let serial = 0;

/** Writes the parent's zone; the running server is told by `reloadParent`. */
export function writeParentZone(site: Site, delegation: Delegation): void {
  serial++;
  const text = `$ORIGIN ${PARENT_ZONE}.
$TTL 60
@   SOA ns hostmaster ${Math.floor(Date.now() / 1000) + serial} 3600 600 86400 60
@   NS  ns
ns  A   ${HOSTS.parent.address}
${delegation.servers.map((server) => `${ZONE}. NS ${server}.\n`).join("")}${delegation.glue
  .map((line) => {
    const [name, address] = line.split(" ");
    return `${name}. A ${address}\n`;
  })
  .join("")}`;
  writeFileSync(site.file("parent", "example.zone"), text);
}

/** Lets the parent take up its zone file again. */
export function reloadParent(site: Site): void {
  signalHost(site, "parent", "SIGHUP");
}

export const parent: Service = nsdServer("parent", [
  `name: "${PARENT_ZONE}"`,
  'zonefile: "example.zone"',
]);
