// PowerDNS behind livezone, as an ordinary secondary: told by NOTIFY, it takes each swap whole.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { hasProgram } from "./name-servers.ts";

const PORT = 18_990;
const PDNS_PORT = 18_991;
const PATIENT_MS = 60_000;
const ZONE = `$TTL 300
@    SOA ns admin 100 3600 600 86400 60
@    NS  ns
ns   A   192.0.2.53
www  A   192.0.2.10
www  A   192.0.2.20
txt  TXT "hello"
`;
const POOLS = `checks:
  up: { kind: push, ttl: 1h }
pools:
  www.lab.example: { checks: [up], ttl: { min: 5s, max: 60s } }
`;

const run = promisify(execFile);

/** The zone as a server gives it out, sorted. */
async function dump(port: number): Promise<string[]> {
  const asked = ["@127.0.0.1", "-p", String(port), "+noall", "+answer", "+onesoa"];
  const { stdout } = await run("dig", [...asked, "lab.example", "AXFR"]);
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(";"))
    .map((line) => line.toLowerCase().replace(/\s+/g, " "))
    .sort();
}

describe.skipIf(!["pdns_server", "dig"].every(hasProgram))("PowerDNS", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let pdns: ChildProcess | undefined;

  /** Resolves when it has a serial. */
  async function hasSerial(serial: number): Promise<void> {
    const isMeant = (line: { [field: string]: unknown }): boolean =>
      Number(line["serial"]) >= serial;
    await server.waitFor("secondary.current", isMeant, PATIENT_MS);
  }

  beforeAll(async () => {
    box = sandbox();
    const folder = box.file("pdns");
    mkdirSync(folder);
    box.write(
      "pdns/named.conf",
      `zone "lab.example" {
  type slave;
  file "${folder}/lab.example.zone";
  masters { 127.0.0.1:${PORT}; };
};
`,
    );
    box.write(
      "pdns/pdns.conf",
      `launch=bind
bind-config=${folder}/named.conf
local-address=127.0.0.1
local-port=${PDNS_PORT}
socket-dir=${folder}
secondary=yes
allow-notify-from=127.0.0.1
allow-axfr-ips=127.0.0.1
xfr-cycle-interval=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
guardian=no
daemon=no
disable-syslog=yes
write-pid=no
`,
    );
    box.write("lab.example.zone", ZONE);
    box.write("lab.example.pools.yaml", POOLS);
    box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: livezone.db }
zones:
  - origin: lab.example
    allowTransfer: [127.0.0.1]
    alsoNotify: [127.0.0.1:${PDNS_PORT}]
`,
    );
    server = new ServerProcess(["serve", box.file("livezone.yaml")]);
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
    pdns = spawn("pdns_server", [`--config-dir=${folder}`], { stdio: "ignore", env });
    await hasSerial(100);
  }, 2 * PATIENT_MS);

  afterAll(async () => {
    pdns?.kill("SIGKILL");
    await server.stop();
    box.remove();
  });

  it("holds what livezone holds, and follows a swap and an edit", {
    timeout: 4 * PATIENT_MS,
  }, async () => {
    expect(await dump(PDNS_PORT)).toEqual(await dump(PORT));
    const forced = ["force", "192.0.2.10", "down", "--reason", "test", "--for", "1h", "--force"];
    await run("node", ["dist/app/main.js", ...forced, "--socket", box.file("livezone.db.sock")]);
    const { serial } = await server.waitFor("pool.swapped", ({ after }) => {
      return JSON.stringify(after) === '["192.0.2.20"]';
    });
    await hasSerial(Number(serial));
    const swapped = await dump(PDNS_PORT);
    expect(swapped.filter((line) => line.startsWith("www."))).toEqual([
      "www.lab.example. 5 in a 192.0.2.20",
    ]);
    box.write("lab.example.zone", ZONE.replace("100", "500").replace("hello", "more"));
    await hasSerial(500);
    expect(await dump(PDNS_PORT)).toEqual(await dump(PORT));
  });
});
