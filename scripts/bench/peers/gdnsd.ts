// gdnsd: every zone of its zones folder; one thread for UDP and one for TCP.

import { copyFileSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, program, programVersion, type Site } from "../peer.ts";

export const gdnsd: Peer = {
  name: "gdnsd",
  version: () => programVersion("gdnsd", ["-h"]),
  prepare(site: Site) {
    const folder = (name: string): string => {
      mkdirSync(join(site.folder, name), { recursive: true });
      return join(site.folder, name);
    };
    const config = `options => {
  listen => [ 127.0.0.1 ]
  dns_port => ${site.port}
  udp_threads => 1
  tcp_threads => 1
  run_dir => ${folder("run")}
  state_dir => ${folder("state")}
}
`;
    writeFileSync(join(site.folder, "config"), config);
    putFile(site.zone.file, join(folder("zones"), site.zone.origin));
    return { command: program("gdnsd"), args: ["-c", site.folder, "start"] };
  },
};

/** It finds a zone by its file's name: a link where that is possible, since the file may be large. */
function putFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
