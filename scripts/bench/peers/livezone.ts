// livezone as its users run it: the built program, one answer thread.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Peer, Site } from "../peer.ts";

/** The server of a built tree. `name` tells several builds apart. */
export function livezone(main: string, version: string, name = "livezone"): Peer {
  return {
    name,
    version: () => (existsSync(main) ? version : undefined),
    prepare(site: Site) {
      const { origin, file } = site.zone;
      const pools = join(site.folder, "pools.yaml");
      return {
        command: process.execPath,
        args: [
          ...[main, "serve", "--zone", `${origin}=${file}`, "--listen", `127.0.0.1:${site.port}`],
          ...["--store", storeOf(site), "--workers", "1"],
          ...(existsSync(pools) ? ["--pools", pools] : []),
        ],
      };
    },
  };
}

/** Where its database lies in a site. */
function storeOf(site: Site): string {
  return join(site.folder, "livezone.db");
}
