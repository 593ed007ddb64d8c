// livezone as its users run it: the built program, one answer thread, everything switched on.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Peer, Site } from "../peer.ts";

/** The server of a built tree. `name` tells several builds apart. */
export function livezone(main: string, version: string, name = "livezone"): Peer {
  return {
    name,
    version: () => (existsSync(main) ? version : undefined),
    prepare(site: Site) {
      const path = join(site.folder, "livezone.yaml");
      writeFileSync(path, configOf(site));
      return { command: process.execPath, args: [main, "serve", path] };
    },
  };
}

/** The same server, telling some others why pools answer what they answer. */
export function explaining(peer: Peer, explainTo: string, name: string): Peer {
  return {
    ...peer,
    name,
    prepare: (site) => {
      const command = peer.prepare(site);
      const path = join(site.folder, "livezone.yaml");
      const text = readFileSync(path, "utf8");
      writeFileSync(path, text.replace(/explainTo: \[[^\]]*\]/, `explainTo: ${explainTo}`));
      return command;
    },
  };
}

/** The load is none of those who are told why, as clients are not. The rate limit counts every answer here (its default passes loopback over), and stops none. */
function configOf({ folder, port, zone }: Site): string {
  const pools = join(folder, "pools.yaml");
  return `listen: [127.0.0.1:${port}]
workers: 1
store: { path: ${join(folder, "livezone.db")} }
answer: { explainTo: [192.0.2.0/24], rateLimit: { perSecond: 1000000, allow: [192.0.2.0/24] } }
zones:
  - origin: ${zone.origin}
    file: ${zone.file}
    allowTransfer: [127.0.0.1]
${existsSync(pools) ? `    pools: ${pools}\n` : ""}`;
}
