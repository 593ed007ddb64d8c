// Stock secondaries of the zone: NSD and Knot as their manuals configure one, with livezone as primary.

import { writeFileSync } from "node:fs";
import { DNS_PORT, HOSTS, ZONE } from "../plan.ts";
import type { Service } from "../service.ts";
import { nsdServer } from "./nsd-server.ts";

export const nsd: Service = nsdServer("nsd", [
  `name: "${ZONE}"`,
  `zonefile: "${ZONE}.zone"`,
  `request-xfr: ${HOSTS.livezone.address} NOKEY`,
  `allow-notify: ${HOSTS.livezone.address} NOKEY`,
]);

export const knot: Service = {
  port: DNS_PORT,
  prepare(site) {
    const folder = site.file("knot");
    const config = `server:
  listen: ${HOSTS.knot.address}@${DNS_PORT}
  rundir: ${folder}
database:
  storage: ${folder}
log:
  - target: stderr
    any: info
remote:
  - id: livezone
    address: ${HOSTS.livezone.address}@${DNS_PORT}
acl:
  - id: livezone
    address: ${HOSTS.livezone.address}
    action: notify
zone:
  - domain: ${ZONE}
    storage: ${folder}
    master: livezone
    acl: livezone
`;
    writeFileSync(site.file("knot", "knot.conf"), config);
  },
  launch: (site) => ["knotd", "-c", site.file("knot", "knot.conf")],
};
