// NSD on a host of the lab: one process, everything it keeps in the host's own folder, no remote control.

import { writeFileSync } from "node:fs";
import { DNS_PORT, HOSTS, type HostName } from "../plan.ts";
import type { Service } from "../service.ts";

/** NSD with one zone. @param zone the lines below `zone:`, indented. */
export function nsdServer(host: HostName, zone: readonly string[]): Service {
  return {
    port: DNS_PORT,
    prepare(site) {
      const folder = site.file(host);
      const config = `server:
  ip-address: ${HOSTS[host].address}
  server-count: 1
  database: ""
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
  xfrdfile: "${folder}/xfrd.state"
  xfrdir: "${folder}"
  pidfile: ""
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
${zone.map((line) => `  ${line}\n`).join("")}`;
      writeFileSync(site.file(host, "nsd.conf"), config);
    },
    launch: (site) => ["nsd", "-d", "-c", site.file(host, "nsd.conf")],
  };
}
