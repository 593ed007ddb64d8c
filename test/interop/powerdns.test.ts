// PowerDNS behind livezone, as an ordinary secondary: told by NOTIFY, it takes each swap whole.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { dumpZone, hasProgram } from "./name-servers.ts";
import { PowerDns } from "./powerdns-server.ts";

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

/** The zone's records as a server gives them out. */
async function dump(port: number): Promise<string[]> {
  return (await dumpZone(port, "lab.example")).split("\n");
}

describe.skipIf(!["pdns_server", "dig"].every(hasProgram))("PowerDNS", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let pdns: PowerDns | undefined;

  /** Resolves when it has a serial. */
  async function hasSerial(serial: number): Promise<void> {
    const isMeant = (line: { [field: string]: unknown }): boolean =>
      Number(line["serial"]) >= serial;
    await server.waitFor("secondary.current", isMeant, PATIENT_MS);
  }

  beforeAll(async () => {
    box = sandbox();
    pdns = new PowerDns(box);
    const zone = `${pdns.folder}/lab.example.zone`;
    pdns.configure(
      PDNS_PORT,
      `zone "lab.example" { type slave; file "${zone}"; masters { 127.0.0.1:${PORT}; }; };\n`,
      ["allow-axfr-ips=127.0.0.1"],
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
    pdns.start();
    await hasSerial(100);
  }, 2 * PATIENT_MS);

  afterAll(async () => {
    pdns?.kill();
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
