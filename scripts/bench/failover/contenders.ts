// Who is measured: livezone, gdnsd and PowerDNS (ifurlup), each at its own defaults and at settings
// of one second, all with the same two targets behind the same name.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Peer, Site } from "../peer.ts";
import { gdnsd } from "../peers/gdnsd.ts";
import { livezone } from "../peers/livezone.ts";
import { powerdns } from "../peers/powerdns.ts";
import { BACKUP, PRIMARY, TARGET_PORT } from "./targets.ts";

/** The origin of the zone, and the name that follows health. */
export const ORIGIN = "failover.test";
export const NAME = `www.${ORIGIN}.`;

/** The settings of a contender. */
export type Pace = "defaults" | "fastest";

/** One server with its settings. */
export interface Contender {
  readonly server: string;
  readonly pace: Pace;
  /** What is set, in words. */
  readonly settings: string;
  readonly peer: Peer;
  /** The zone file that it wants. */
  readonly zone: string;
}

/** What a round wants of livezone besides. */
export interface Wishes {
  /** Written into its check: services that restart in place. */
  readonly hasGrace: boolean;
}

const HEAD = `$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
`;
const STATIC = `${HEAD}www A ${PRIMARY}\nwww A ${BACKUP}\n`;
const DYNAMIC = `${HEAD}www 5 DYNA simplefo!www\n`;
const SCRIPTED = `${HEAD}www 5 LUA A "ifurlup('http://${NAME}:${TARGET_PORT}/', {{'${PRIMARY}'},{'${BACKUP}'}})"\n`;

/** Every contender whose server is installed. */
export function contendersOf(
  main: { readonly path: string; readonly version: string },
  wishes: Wishes,
): readonly Contender[] {
  const ours = livezone(main.path, main.version);
  const all: readonly Contender[] = (["defaults", "fastest"] as const).flatMap((pace) => {
    const isFast = pace === "fastest";
    return [
      {
        ...{ server: "livezone", pace, zone: STATIC },
        settings: isFast ? "interval 1s, timeout 1s" : "its defaults",
        peer: withFiles(ours, "pools.yaml", poolsText(isFast, wishes)),
      },
      {
        ...{ server: "gdnsd", pace, zone: DYNAMIC },
        settings: isFast ? "interval 2, timeout 1, every threshold 1" : "its defaults",
        peer: withConfig(gdnsd, "config", gdnsdText(isFast)),
      },
      {
        ...{ server: "PowerDNS", pace, zone: SCRIPTED },
        settings: isFast ? "ifurlup, health checks each 1 s" : "ifurlup, its defaults",
        peer: withConfig(powerdns, "pdns.conf", powerdnsText(isFast)),
      },
    ];
  });
  return all.filter(({ peer }) => peer.version() !== undefined);
}

function poolsText(isFast: boolean, { hasGrace }: Wishes): string {
  const pace = isFast ? ", interval: 1s, timeout: 1s" : "";
  const grace = hasGrace ? ", restartGrace: 2s" : "";
  return `checks:
  web: { kind: http, port: ${TARGET_PORT}${pace}${grace} }
pools:
  ${NAME.slice(0, -1)}: { targets: [${PRIMARY}, ${BACKUP}], checks: [web] }
`;
}

function gdnsdText(isFast: boolean): string {
  const pace = isFast
    ? "interval => 2, timeout => 1, up_thresh => 1, ok_thresh => 1, down_thresh => 1"
    : "";
  return `service_types => { web => { plugin => http_status, port => ${TARGET_PORT} ${pace} } }
plugins => { simplefo => { www => {
  primary => ${PRIMARY}, secondary => ${BACKUP}, service_types => web } } }
`;
}

function powerdnsText(isFast: boolean): string {
  return `enable-lua-records=yes\n${isFast ? "lua-health-checks-interval=1\n" : ""}`;
}

function withFiles(peer: Peer, file: string, text: string): Peer {
  return {
    ...peer,
    prepare: (site: Site) => {
      mkdirSync(site.folder, { recursive: true });
      writeFileSync(join(site.folder, file), text);
      return peer.prepare(site);
    },
  };
}

/** Adds lines to the configuration that the peer writes. */
function withConfig(peer: Peer, file: string, text: string): Peer {
  return {
    ...peer,
    prepare: (site: Site) => {
      const launch = peer.prepare(site);
      writeFileSync(join(site.folder, file), text, { flag: "a" });
      return launch;
    },
  };
}
