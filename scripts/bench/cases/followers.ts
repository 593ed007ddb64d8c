// How soon stock secondaries answer what livezone has swapped: told by NOTIFY, they take it by IXFR.

import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Asker, answersAddress } from "../ask.ts";
import type { Bench, Row, RunningServer } from "../bench.ts";
import { quantile } from "../numbers.ts";
import { type Peer, program } from "../peer.ts";
import { ORIGIN, ownerOf, writeZone } from "../zones.ts";

const NAMES = 1000;
const SWAPS = 20;
/** More than livezone's second between two NOTIFYs to the same secondary. */
const BETWEEN_MS = 1500;
const SETTLED_MS = 3000;
const FIRST = "127.0.0.1";
const SECOND = "127.0.0.2";
/** As the issue of a second name server has it. */
const LIMIT_MS = 2000;
const ASK = { limitMs: 30_000, everyMs: 1 };

const run = promisify(execFile);

/** Rows of the installed ones of NSD and Knot. */
export async function followers(bench: Bench): Promise<Row[]> {
  const folder = join(bench.folder, "followers");
  mkdirSync(folder);
  const zone = writeZone(folder, NAMES, "loopback");
  const alive = await listening();
  const primary = { ...(await bench.site(zone)) };
  const secondaries: RunningServer[] = [];
  const installed = bench.peers(["NSD", "Knot"]);
  const sites = await Promise.all(installed.map(() => bench.site(zone)));
  writePrimary(primary, { ports: sites.map(({ port }) => port), checkPort: portOf(alive) });
  const launch = { command: process.execPath, args: [bench.server, "serve", configOf(primary)] };
  const ours = bench.launch(
    { name: "livezone", version: () => "", prepare: () => launch },
    primary,
  );
  try {
    await bench.ready(ours, 20);
    for (const [i, { name }] of installed.entries()) {
      const site = sites[i];
      if (site === undefined) continue;
      const peer = name === "NSD" ? nsdBehind(primary.port) : knotBehind(primary.port);
      const server = bench.launch(peer, site);
      secondaries.push(server);
      await bench.ready(server, 20);
    }
    await sleep(SETTLED_MS);
    return await measured(bench, ours, secondaries);
  } finally {
    alive.close();
    for (const server of [ours, ...secondaries]) await bench.stop(server);
  }
}

async function measured(
  bench: Bench,
  ours: RunningServer,
  secondaries: readonly RunningServer[],
): Promise<Row[]> {
  const tookMs = new Map(secondaries.map(({ name }) => [name, [] as number[]]));
  for (let swap = 0; swap < SWAPS; swap++) {
    const seen = Promise.all([ours, ...secondaries].map((server) => untilAnswered(server, SECOND)));
    await order(bench, ours, ["force", FIRST, "down", "--reason", "bench", "--for", "1h"]);
    const [swappedMs = 0, ...others] = await seen;
    for (const [i, { name }] of secondaries.entries()) {
      tookMs.get(name)?.push(Math.max(0, (others[i] ?? 0) - swappedMs));
    }
    bench.say(
      `swap ${swap + 1}: ${others.map((ms) => `${Math.round(ms - swappedMs)} ms`).join(", ")}`,
    );
    await sleep(BETWEEN_MS);
    await order(bench, ours, ["unforce", FIRST]);
    await sleep(BETWEEN_MS);
  }
  return [...tookMs].map(([name, values]) => {
    const sorted = Float64Array.from(values).sort();
    return {
      ...{ case: "transfer", work: `a swap until ${name} behind livezone answers it, greatest` },
      ...{ against: "itself", unit: "ms", ours: quantile(sorted, 1), limit: LIMIT_MS },
      note: `median ${quantile(sorted, 0.5).toFixed(0)} ms of ${SWAPS}`,
    };
  });
}

/** The moment at which a server answers an address. */
async function untilAnswered({ site }: RunningServer, address: string): Promise<number> {
  const asker = new Asker(site.port);
  await asker.open();
  try {
    const isWanted = (message: Parameters<typeof answersAddress>[0]): boolean =>
      answersAddress(message, address);
    return await asker.until({ name: ownerOf(0), type: "A" }, isWanted, ASK);
  } finally {
    asker.close();
  }
}

async function order(bench: Bench, { site }: RunningServer, words: string[]): Promise<void> {
  const socket = ["--socket", `${join(site.folder, "livezone.db")}.sock`];
  await run(process.execPath, [bench.server, ...words, ...socket]);
}

/** What members are checked by; it takes every connection, whatever its address. */
function listening(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  return new Promise((resolve) => server.listen(0, "0.0.0.0", () => resolve(server)));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function configOf({ folder }: { readonly folder: string }): string {
  return join(folder, "livezone.yaml");
}

function writePrimary(
  { folder, port, zone }: Awaited<ReturnType<Bench["site"]>>,
  others: { readonly ports: readonly number[]; readonly checkPort: number },
): void {
  const notify = others.ports.map((one) => `127.0.0.1:${one}`).join(", ");
  const owner = ownerOf(0).replace(/\.$/, "");
  const members = `targets: [${FIRST}, ${SECOND}], checks: [alive], failback: { hold: 0s }`;
  writeFileSync(
    join(folder, "pools.yaml"),
    `checks:
  alive: { kind: tcp, port: ${others.checkPort}, interval: 1s, timeout: 1s }
pools:
  ${owner}: { ${members} }
`,
  );
  writeFileSync(
    configOf({ folder }),
    `listen: [127.0.0.1:${port}]
workers: 1
store: { path: ${join(folder, "livezone.db")} }
zones:
  - origin: ${zone.origin}
    file: ${zone.file}
    pools: ${join(folder, "pools.yaml")}
    allowTransfer: [127.0.0.1]
    notify: false
    alsoNotify: [${notify}]
`,
  );
}

function nsdBehind(primaryPort: number): Peer {
  return {
    name: "NSD",
    version: () => "",
    prepare({ folder, port }) {
      const path = join(folder, "nsd.conf");
      const places = ["zonesdir", "xfrdir"].map((place) => `  ${place}: "${folder}"`).join("\n");
      writeFileSync(
        path,
        `server:
  ip-address: 127.0.0.1@${port}
  server-count: 1
  database: ""
  username: ""
  chroot: ""
${places}
  zonelistfile: "${folder}/zone.list"
  xfrdfile: "${folder}/xfrd.state"
  pidfile: ""
remote-control:
  control-enable: no
zone:
  name: "${ORIGIN}"
  zonefile: "copy.zone"
  request-xfr: 127.0.0.1@${primaryPort} NOKEY
  allow-notify: 127.0.0.1 NOKEY
`,
      );
      return { command: program("nsd"), args: ["-d", "-c", path] };
    },
  };
}

function knotBehind(primaryPort: number): Peer {
  return {
    name: "Knot",
    version: () => "",
    prepare({ folder, port }) {
      const path = join(folder, "knot.conf");
      for (const place of ["run", "db"]) mkdirSync(join(folder, place), { recursive: true });
      writeFileSync(
        path,
        `server:
    listen: 127.0.0.1@${port}
    rundir: ${folder}/run
database:
    storage: ${folder}/db
remote:
  - id: livezone
    address: 127.0.0.1@${primaryPort}
acl:
  - id: notify
    address: 127.0.0.1
    action: notify
zone:
  - domain: ${ORIGIN}
    storage: ${folder}
    file: copy.zone
    master: livezone
    acl: notify
`,
      );
      return { command: program("knotd"), args: ["-c", path] };
    },
  };
}
