// Knot DNS: one worker of each kind.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, program, programVersion, type Site } from "../peer.ts";

export const knot: Peer = {
  name: "Knot",
  version: () => programVersion("knotd", ["-V"]),
  prepare(site: Site) {
    mkdirSync(join(site.folder, "run"), { recursive: true });
    const config = `server:
    listen: 127.0.0.1@${site.port}
    rundir: ${site.folder}/run
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: ${site.folder}
control:
    listen: knot.sock
acl:
  - id: loopback
    address: 127.0.0.1
    action: transfer
zone:
  - domain: ${site.zone.origin}
    file: ${site.zone.file}
    acl: loopback
`;
    writeFileSync(configOf(site), config);
    return { command: program("knotd"), args: ["-c", configOf(site)] };
  },
  reload(site: Site) {
    const args = ["-c", configOf(site), "zone-reload", site.zone.origin];
    return { command: program("knotc"), args };
  },
};

function configOf(site: Site): string {
  return join(site.folder, "knot.conf");
}
