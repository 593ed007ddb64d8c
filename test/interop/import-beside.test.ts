// Moving in, played to its end: gdnsd and PowerDNS run on configurations of our own, livezone beside
// them on what it has imported from those; both are asked the same while targets are up and down.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";
import { hasProgram } from "./name-servers.ts";

const TARGET_PORT = 18_988;
/** The first and the third are up, nothing listens at the others. */
const UP = ["127.0.7.11", "127.0.7.13"];
const ORIGIN = "moved.example";
/** So often a name is asked, to see all that is answered under it. */
const ASKED = 60;
/** Servers learn of targets at their own pace. */
const AGREE_WITHIN_MS = 45_000;

// Of pools with nobody up gdnsd answers the first member, livezone the last good one: none is compared.
const GDNSD_CONFIG = `service_types => {
  web => { plugin => http_status, port => ${TARGET_PORT}, url_path => "/healthz",
           up_thresh => 1, ok_thresh => 1, down_thresh => 1, interval => 2, timeout => 1 }
  db => { plugin => tcp_connect, port => ${TARGET_PORT},
          up_thresh => 1, ok_thresh => 1, down_thresh => 1, interval => 2, timeout => 1 }
  script => { plugin => extmon, direct => true, cmd => ["/usr/bin/test", "%%ITEM%%", "!=", "127.0.7.12"],
              up_thresh => 1, ok_thresh => 1, down_thresh => 1, interval => 3, timeout => 2 }
}
plugins => {
  simplefo => {
    service_types => web
    well => { primary => 127.0.7.11, secondary => 127.0.7.12 }
    failed => { primary => 127.0.7.12, secondary => 127.0.7.13 }
  }
  multifo => {
    farm => { service_types => [ web, db ], a => 127.0.7.11, b => 127.0.7.12, c => 127.0.7.13 }
    forced => { service_types => up, a => 127.0.7.12, b => 127.0.7.14 }
  }
  weighted => {
    service_types => script
    split => { a => [ 127.0.7.11, 4 ], b => [ 127.0.7.12, 2 ], c => [ 127.0.7.13, 3 ] }
    crushed => { a => [ 127.0.7.11, 1 ], b => [ 127.0.7.12, 3 ], c => [ 127.0.7.13, 1 ] }
  }
  static => { fixed => 127.0.7.14 }
  metafo => { resources => { dcs => {
    service_types => db
    datacenters => [ near, far ]
    dcmap => { near => 127.0.7.12, far => 127.0.7.13 }
  } } }
}
`;
const GDNSD_ZONE = `@ SOA ns hostmaster ( 1 7200 1800 1209600 900 )
@ NS ns
ns A 192.0.2.53
well 60 DYNA simplefo!well
failed 60 DYNA simplefo!failed
farm 60 DYNA multifo!farm
forced 60 DYNA multifo!forced
split 60 DYNA weighted!split
crushed 60 DYNA weighted!crushed
fixed 60 DYNA static!fixed
dcs 60 DYNA metafo!dcs
`;
const GDNSD_NAMES = ["well", "failed", "farm", "forced", "split", "crushed", "fixed", "dcs"];

const POWERDNS_ZONE = `$TTL 300
@ IN SOA ns hostmaster 1 7200 1800 1209600 900
@ IN NS ns
ns IN A 192.0.2.53
alias IN CNAME port
port 60 IN LUA A "ifportup(${TARGET_PORT}, {'127.0.7.11', '127.0.7.12', '127.0.7.13'})"
every 60 IN LUA A "ifportup(${TARGET_PORT}, {'127.0.7.11', '127.0.7.12', '127.0.7.13'}, {selector='all'})"
url 60 IN LUA A "ifurlup('http://${ORIGIN}:${TARGET_PORT}/healthz', {{'127.0.7.12'}, {'127.0.7.13'}})"
random 60 IN LUA A "pickrandom({'192.0.2.6', '192.0.2.7'})"
weight 60 IN LUA A "pickwrandom({ {1, '192.0.2.6'}, {2, '192.0.2.7'} })"
all 60 IN LUA A "all({'192.0.2.6', '192.0.2.7'})"
`;
const POWERDNS_NAMES = ["port", "every", "url", "random", "weight", "all", "alias"];

/** Everything that a server answers for a name: each answer once, its addresses sorted. */
async function answered(port: number, label: string): Promise<string[]> {
  const answers = new Set<string>();
  for (let i = 0; i < ASKED; i++) {
    const { data } = await askUdp(port, `${label}.${ORIGIN}`);
    answers.add([...data].sort().join(" "));
  }
  return [...answers].sort();
}

interface Peer {
  readonly title: string;
  readonly program: string;
  readonly ports: { readonly theirs: number; readonly ours: number };
  readonly names: readonly string[];
  /** Writes what it reads; says how it is started, and how it is imported. */
  prepare(
    box: Sandbox,
    port: number,
  ): {
    readonly args: readonly string[];
    readonly imports: readonly string[];
  };
}

const PEERS: readonly Peer[] = [
  {
    title: "gdnsd",
    program: "gdnsd",
    ports: { theirs: 18_972, ours: 18_973 },
    names: GDNSD_NAMES,
    prepare: (box, port) => {
      for (const folder of ["run", "state"])
        mkdirSync(box.file(`gdnsd/${folder}`), { recursive: true });
      const [run, state] = [box.file("gdnsd/run"), box.file("gdnsd/state")];
      const options = `options => { listen => [ 127.0.0.1 ], dns_port => ${port}, udp_threads => 1, tcp_threads => 1, run_dir => ${run}, state_dir => ${state} }\n`;
      box.write("gdnsd/config", options + GDNSD_CONFIG);
      box.write(`gdnsd/zones/${ORIGIN}`, GDNSD_ZONE);
      return { args: ["-c", box.file("gdnsd"), "start"], imports: ["gdnsd", box.file("gdnsd")] };
    },
  },
  {
    title: "PowerDNS",
    program: "pdns_server",
    ports: { theirs: 18_974, ours: 18_975 },
    names: POWERDNS_NAMES,
    prepare: (box, port) => {
      const zone = box.write(`${ORIGIN}.zone`, POWERDNS_ZONE);
      box.write("pdns/named.conf", `zone "${ORIGIN}" { type master; file "${zone}"; };\n`);
      box.write(
        "pdns/pdns.conf",
        `launch=bind
bind-config=${box.file("pdns/named.conf")}
local-address=127.0.0.1
local-port=${port}
socket-dir=${box.file("pdns")}
daemon=no
guardian=no
disable-syslog=yes
enable-lua-records=yes
lua-health-checks-interval=1
cache-ttl=0
query-cache-ttl=0
`,
      );
      return { args: [`--config-dir=${box.file("pdns")}`], imports: ["powerdns", zone] };
    },
  },
];

describe.each(PEERS)("livezone beside $title", (peer) => {
  const hasPeer = hasProgram(peer.program);
  const targets = UP.map((address) => new WebTarget(address, TARGET_PORT));
  let box: Sandbox;
  let theirs: ChildProcess | undefined;
  let ours: ServerProcess | undefined;
  let report = "";

  beforeAll(async () => {
    if (!hasPeer) return;
    box = sandbox();
    await Promise.all(targets.map((target) => target.start()));
    const { args, imports } = peer.prepare(box, peer.ports.theirs);
    const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
    theirs = spawn(peer.program, args, { stdio: "ignore", env });
    report = imported([...imports, "--to", box.file("imported")]);
    // The pace is the operator's to choose: here targets are to be known soon.
    const pools = box.file(`imported/${ORIGIN}.pools.yaml`);
    box.write(
      `imported/${ORIGIN}.pools.yaml`,
      readFileSync(pools, "utf8")
        .replaceAll(/interval: \d+s/g, "interval: 1s")
        .replaceAll(/timeout: \d+s/g, "timeout: 1s"),
    );
    ours = new ServerProcess([
      ...["serve", box.file("imported/livezone.yaml"), "--listen", `127.0.0.1:${peer.ports.ours}`],
    ]);
    await ours.waitFor("server.ready");
  });

  afterAll(async () => {
    theirs?.kill("SIGTERM");
    await ours?.stop();
    await Promise.all(targets.map((target) => target.kill()));
    if (hasPeer) box.remove();
  });

  it.skipIf(!hasPeer)("carries everything of it over", () => {
    expect(report.split("\n").filter((line) => line.startsWith("lost"))).toEqual([]);
  });

  it.skipIf(!hasPeer).each(peer.names)(
    "answers %s alike",
    async (name) => {
      const ask = (port: number): Promise<string[]> =>
        answered(port, name).catch((e) => [String(e)]);
      await expect
        .poll(async () => ({ [name]: await ask(peer.ports.ours) }), { timeout: AGREE_WITHIN_MS })
        .toEqual({ [name]: await settled(() => ask(peer.ports.theirs)) });
    },
    AGREE_WITHIN_MS * 2,
  );
});

/** What is answered once it has been the same twice, some seconds apart. */
async function settled(ask: () => Promise<string[]>): Promise<string[]> {
  let before: string[] = [];
  const deadlineMs = Date.now() + AGREE_WITHIN_MS;
  while (Date.now() < deadlineMs) {
    const now = await ask();
    if (now.length > 0 && now.join() === before.join()) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 2500));
  }
  return before;
}

/** What the import says; that something is lost ends it with 1. */
function imported(args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, ["dist/app/main.js", "import", ...args], {
      encoding: "utf8",
    });
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout);
  }
}
