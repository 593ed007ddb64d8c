// livezone itself, as its users run it: the built program with a main configuration, a zone file and a
// pools file. Scenarios may say more than what stands here.

import { cpSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { DNS_PORT, HOSTS, type Site, WEB_PORT, ZONE } from "../plan.ts";
import type { Service } from "../service.ts";

/** What a scenario sets: the pools file, and what is added to the zone file and the main configuration. */
export interface LivezoneSettings {
  readonly pools: string;
  /** Begins below the zone's entry: indented lines are the zone's own. */
  readonly config: string;
  readonly records: string;
}

export const DEFAULT_SETTINGS: LivezoneSettings = {
  config: "",
  records: "",
  pools: `checks:
  web: { kind: http, port: ${WEB_PORT}, path: /healthz, interval: 1s, timeout: 500ms, rise: 2 }
pools:
  www.${ZONE}:
    policy: priority
    targets: [${HOSTS.web1.address}, ${HOSTS.web2.address}]
    checks: [web]
    ttl: { min: 4s, max: 10s }
    failback: { mode: auto, hold: 4s }
`,
};

/** Programs that pools files may name, as hooks/NAME. */
const HOOKS = new URL("../hooks", import.meta.url);

const CONFIG = `listen: [${HOSTS.livezone.address}:${DNS_PORT}]
store: { path: livezone.db }
workers: 1
zones:
  - origin: ${ZONE}
    file: ${ZONE}.zone
`;

const RECORDS = `$ORIGIN ${ZONE}.
$TTL 60
@     SOA ns1 hostmaster 1 3600 600 86400 30
@     NS  ns1
ns1   A   ${HOSTS.livezone.address}
www   A   ${HOSTS.web1.address}
www   A   ${HOSTS.web2.address}
db    A   ${HOSTS.db1.address}
db    A   ${HOSTS.db2.address}
`;

/** The main configuration's path, as the command line takes it. */
export function configFile(site: Site): string {
  return site.file("livezone", "livezone.yaml");
}

/** The program and arguments of one verb of the command line. */
export function livezoneWords(...words: readonly string[]): readonly string[] {
  return [process.execPath, resolve("dist/app/main.js"), ...words];
}

/** livezone with a scenario's settings. */
export function livezone({ pools, config, records }: LivezoneSettings): Service {
  return {
    port: DNS_PORT,
    prepare(site) {
      writeFileSync(configFile(site), CONFIG + config);
      writeFileSync(zoneFile(site), RECORDS + records);
      writeFileSync(site.file("livezone", `${ZONE}.pools.yaml`), pools);
      cpSync(HOOKS, site.file("livezone", "hooks"), { recursive: true });
    },
    launch: (site) => livezoneWords("serve", configFile(site)),
  };
}

/** Adds a line to the zone file as editors save: a new file in the old one's place. */
export function addRecord(site: Site, line: string): void {
  const path = zoneFile(site);
  writeFileSync(`${path}.new`, `${readFileSync(path, "utf8")}${line}\n`);
  renameSync(`${path}.new`, path);
}

function zoneFile(site: Site): string {
  return site.file("livezone", `${ZONE}.zone`);
}
