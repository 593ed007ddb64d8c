// Debian's name servers as child processes on loopback, and livezone beside them, each with the
// same zones. Settings make the peers show their full standard answers of the same size; what one
// of them does differently in spite of them is made equal in differential-answers.ts.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { Child } from "./differential-child.ts";
import type { GeneratedZone } from "./differential-zones.ts";

/** The peers, in the order of reports. */
export const PEERS = ["nsd", "knot", "named", "pdns"] as const;

/** One of the peers. */
export type PeerName = (typeof PEERS)[number];

/** Where a server listens, UDP and TCP, and its process. */
export interface RunningServer {
  readonly name: PeerName | "livezone";
  readonly port: number;
  readonly child: Child;
}

interface Setup {
  readonly folder: string;
  readonly port: number;
  readonly zones: readonly { readonly origin: string; readonly file: string }[];
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

const PROGRAMS: Readonly<Record<PeerName, string>> = {
  nsd: "/usr/sbin/nsd",
  knot: "/usr/sbin/knotd",
  named: "/usr/sbin/named",
  pdns: "/usr/sbin/pdns_server",
};

/** The largest UDP answer of every server, livezone's default. */
export const UDP_SIZE_MAX = 1232;

/** The peers whose programs this machine lacks. */
export function missingPeers(): readonly PeerName[] {
  return PEERS.filter((name) => !existsSync(PROGRAMS[name]));
}

/** Writes each zone as `ORIGIN.zone` into a new folder `zones` below `folder`. */
export function writeZones(folder: string, zones: readonly GeneratedZone[]): void {
  mkdirSync(join(folder, "zones"));
  for (const { origin, lines } of zones) {
    writeFileSync(fileOf(folder, origin), `$TTL 3600\n${lines.join("\n")}\n`);
  }
}

/**
 * Starts a server over the zones that `writeZones` has put into `folder`. It answers some time
 * later.
 *
 * @param main livezone's program.
 */
export async function startServer(
  name: RunningServer["name"],
  options: { folder: string; zones: readonly GeneratedZone[]; main: string },
): Promise<RunningServer> {
  const port = await freePort();
  const own = join(options.folder, name);
  mkdirSync(own);
  const zones = options.zones.map(({ origin }) => {
    return { origin: origin.slice(0, -1), file: fileOf(options.folder, origin) };
  });
  const setup = { folder: own, port, zones };
  const { program, args } =
    name === "livezone"
      ? livezone(resolve(options.main), join(options.folder, "zones"), port)
      : COMMANDS[name](setup);
  return { name, port, child: new Child(program, args, own) };
}

const COMMANDS: Readonly<Record<PeerName, (setup: Setup) => Command>> = { nsd, knot, named, pdns };

function livezone(main: string, folder: string, port: number): Command {
  const listen = ["--listen", `127.0.0.1:${port}`, "--store", ":memory:", "--workers", "1"];
  return { program: process.execPath, args: [main, "serve", "--zones", folder, ...listen] };
}

function nsd({ folder, port, zones }: Setup): Command {
  const config = join(folder, "nsd.conf");
  // minimal-responses would drop the addresses that belong to MX and SRV along with the rest.
  const server = `server:
  ip-address: 127.0.0.1@${port}
  server-count: 1
  username: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: ""
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
  ipv4-edns-size: ${UDP_SIZE_MAX}
  rrl-ratelimit: 0
  minimal-responses: no
  round-robin: no
remote-control:
  control-enable: no
`;
  const blocks = zones.map(({ origin, file }) => `zone:\n  name: ${origin}\n  zonefile: ${file}\n`);
  writeFileSync(config, server + blocks.join(""));
  return { program: PROGRAMS.nsd, args: ["-d", "-c", config] };
}

function knot({ folder, port, zones }: Setup): Command {
  const config = join(folder, "knot.conf");
  const server = `server:
    rundir: "${folder}"
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: ${UDP_SIZE_MAX}
database:
    storage: "${folder}"
log:
  - target: stderr
    any: warning
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
zone:
`;
  const blocks = zones.map(({ origin, file }) => `  - domain: ${origin}\n    file: "${file}"\n`);
  writeFileSync(config, server + blocks.join(""));
  return { program: PROGRAMS.knot, args: ["-c", config] };
}

function named({ folder, port, zones }: Setup): Command {
  const config = join(folder, "named.conf");
  // The glue cache would leave out servers' addresses that are not glue, and zero-no-soa-ttl give a
  // TTL of 0 to negative answers to SOA questions: both are BIND's alone. "no-auth" leaves out the
  // apex NS RRset that others do not add to positive answers, and keeps the addresses. The checks
  // that are switched off refuse zones that can be served.
  const head = `options {
  directory "${folder}";
  pid-file none;
  lock-file none;
  session-keyfile "${folder}/session.key";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  allow-query { any; };
  minimal-responses no-auth;
  glue-cache no;
  zero-no-soa-ttl no;
  max-udp-size ${UDP_SIZE_MAX};
  edns-udp-size ${UDP_SIZE_MAX};
  notify no;
  empty-zones-enable no;
  answer-cookie no;
  check-names primary ignore;
  check-integrity no;
  check-mx ignore;
  check-mx-cname ignore;
  check-srv-cname ignore;
  check-sibling no;
  check-spf ignore;
  check-wildcard no;
};
controls { };
`;
  const blocks = zones.map(({ origin, file }) => {
    return `zone "${origin}" { type primary; file "${file}"; };\n`;
  });
  writeFileSync(config, head + blocks.join(""));
  return { program: PROGRAMS.named, args: ["-g", "-n", "1", "-c", config] };
}

function pdns({ folder, port, zones }: Setup): Command {
  const bind = zones.map(({ origin, file }) => {
    return `zone "${origin}" { type master; file "${file}"; };\n`;
  });
  writeFileSync(join(folder, "named.conf"), bind.join(""));
  // Caches would answer a question with what the question before it was told. Without "8bit-dns" it
  // refuses every name that is not of letters, digits and a few signs.
  const config = `launch=bind
bind-config=${folder}/named.conf
local-address=127.0.0.1
local-port=${port}
socket-dir=${folder}
daemon=no
guardian=no
write-pid=no
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
dname-processing=yes
8bit-dns=yes
udp-truncation-threshold=${UDP_SIZE_MAX}
receiver-threads=1
distributor-threads=1
disable-axfr=yes
loglevel=3
version-string=anonymous
security-poll-suffix=
`;
  writeFileSync(join(folder, "pdns.conf"), config);
  return { program: PROGRAMS.pdns, args: [`--config-dir=${folder}`] };
}

function fileOf(folder: string, origin: string): string {
  return join(folder, "zones", `${origin}zone`);
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
