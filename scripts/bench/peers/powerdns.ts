// PowerDNS with the bind backend: one receiver, one distributor, packet cache as it comes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, program, programVersion, type Site } from "../peer.ts";

export const powerdns: Peer = {
  name: "PowerDNS",
  version: () => programVersion("pdns_server", ["--version"]),
  prepare(site: Site) {
    const zones = join(site.folder, "named.conf");
    const { origin, file } = site.zone;
    writeFileSync(zones, `zone "${origin}" { type master; file "${file}"; };\n`);
    const config = `launch=bind
bind-config=${zones}
local-address=127.0.0.1
local-port=${site.port}
receiver-threads=1
distributor-threads=1
signing-threads=1
daemon=no
guardian=no
disable-syslog=yes
loglevel=3
socket-dir=${site.folder}
`;
    writeFileSync(join(site.folder, "pdns.conf"), config);
    return { command: program("pdns_server"), args: [`--config-dir=${site.folder}`] };
  },
};
