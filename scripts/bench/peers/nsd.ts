// NSD: one server process, no compiled database, no rate limit, small answers.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, program, programVersion, type Site } from "../peer.ts";

export const nsd: Peer = {
  name: "NSD",
  version: () => programVersion("nsd", ["-v"]),
  prepare(site: Site) {
    const path = join(site.folder, "nsd.conf");
    const config = `server:
  ip-address: 127.0.0.1@${site.port}
  server-count: 1
  database: ""
  username: ""
  chroot: ""
  zonesdir: "${site.folder}"
  zonelistfile: "${site.folder}/zone.list"
  xfrdfile: "${site.folder}/xfrd.state"
  xfrdir: "${site.folder}"
  pidfile: ""
  minimal-responses: yes
  rrl-ratelimit: 0
  tcp-query-count: 0
remote-control:
  control-enable: no
zone:
  name: "${site.zone.origin}"
  zonefile: "${site.zone.file}"
  provide-xfr: 127.0.0.1 NOKEY
`;
    writeFileSync(path, config);
    return { command: program("nsd"), args: ["-d", "-c", path] };
  },
};
