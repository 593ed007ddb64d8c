// livezone as the secondary of stock name servers: copied by AXFR, followed by NOTIFY and IXFR, signed
// and not, over a killed livezone and a killed primary, with a pool laid over one zone.

import { execFile } from "node:child_process";
import { chmodSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { dumpZone, hasProgram, KEY_FILE, KEY_NAME, KEY_SECRET } from "./name-servers.ts";
import { RunningPrimary, type StockPrimary } from "./primary-servers.ts";

const PORT = 18_980;
const PATIENT_MS = 60_000;
const PROGRAMS = ["nsd", "knotd", "knotc", "named", "pdns_server", "dig"];
const both = (name: string): StockPrimary["zones"] => [
  { origin: `plain.${name}.example`, isSigned: false },
  { origin: `signed.${name}.example`, isSigned: true },
];
const PRIMARIES: readonly StockPrimary[] = [
  { name: "nsd", port: 18_981, zones: both("nsd") },
  { name: "knot", port: 18_982, zones: both("knot") },
  { name: "bind", port: 18_983, zones: both("bind") },
  { name: "pdns", port: 18_984, zones: [{ origin: "plain.pdns.example", isSigned: false }] },
];
const ZONES = PRIMARIES.flatMap(({ name, port, zones }) => {
  return zones.map((zone) => ({ name, port, ...zone }));
});
const POOLS = `checks:
  up: { kind: push, ttl: 1h }
pools:
  host1.plain.nsd.example: { targets: [192.0.2.1, 192.0.2.2], checks: [up] }
`;

const run = promisify(execFile);

/** A zone as a server gives it out, sorted, names in lower case. */
async function dump(port: number, origin: string): Promise<string> {
  const signed = origin.startsWith("signed") ? ["-y", `hmac-sha256:${KEY_NAME}:${KEY_SECRET}`] : [];
  return await dumpZone(port, origin, ...signed);
}

describe.skipIf(!PROGRAMS.every(hasProgram))("stock primaries", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let primaries: RunningPrimary[] = [];

  function serve(): ServerProcess {
    return new ServerProcess(["serve", box.file("livezone.yaml")]);
  }

  /** Resolves when every zone was given at the serial, and says how. */
  async function allAt(serial: number, names = PRIMARIES.map(({ name }) => name)) {
    const kinds: string[] = [];
    for (const { origin } of ZONES.filter(({ name }) => names.includes(name))) {
      const isMeant = (line: { [field: string]: unknown }): boolean => {
        return line["zone"] === origin && Number(line["serial"]) >= serial;
      };
      const line = await server.waitFor("transfer.received", isMeant, PATIENT_MS);
      kinds.push(`${origin} ${String(line["kind"])}`);
    }
    return kinds;
  }

  beforeAll(async () => {
    box = sandbox();
    chmodSync(box.write("ns2.key", KEY_FILE), 0o600);
    box.write("pools.yaml", POOLS);
    const zones = ZONES.map(({ origin, port, isSigned }) => {
      const key = isSigned ? `, key: ${KEY_NAME}` : "";
      const allowed = isSigned ? `{ key: ${KEY_NAME} }` : "127.0.0.1";
      const pools = origin === "plain.nsd.example" ? ", pools: pools.yaml" : "";
      const primary = `{ address: 127.0.0.1, port: ${port}${key} }`;
      return `  - { origin: ${origin}, primary: ${primary}, allowTransfer: [${allowed}]${pools} }`;
    });
    box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: livezone.db }
keys: [ns2.key]
zones:
${zones.join("\n")}
`,
    );
    primaries = PRIMARIES.map((primary) => new RunningPrimary(primary, PORT, box));
    server = serve();
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    await allAt(100);
  }, 2 * PATIENT_MS);

  afterAll(async () => {
    for (const primary of primaries) primary.kill();
    await server.stop();
    box.remove();
  });

  it("are copied to the letter", { timeout: PATIENT_MS }, async () => {
    for (const { origin, port } of ZONES) {
      const truth = await dump(port, origin);
      expect(truth.split("\n")).toHaveLength(905);
      // A pool has its own answer for one name.
      if (origin !== "plain.nsd.example") expect(await dump(PORT, origin)).toBe(truth);
    }
  });

  it("are followed by NOTIFY, and by what differs where they know it", {
    timeout: 4 * PATIENT_MS,
  }, async () => {
    for (const primary of primaries) primary.change(101, 'new TXT "turn 1"\nhost7 A 192.0.2.251');
    const kinds = await allAt(101);
    expect(kinds).toEqual(
      ZONES.map(({ origin, name }) => {
        return `${origin} ${name === "pdns" ? "axfr" : "ixfr"}`;
      }),
    );
    for (const { origin, port } of ZONES.slice(1)) {
      expect(await dump(PORT, origin)).toBe(await dump(port, origin));
    }
  });

  it("are followed by a livezone that was killed, from where it was", {
    timeout: 4 * PATIENT_MS,
  }, async () => {
    server.signal("SIGKILL");
    await server.exited;
    for (const primary of primaries) primary.change(102, 'new TXT "turn 2"');
    server = serve();
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    const kinds = await allAt(102);
    expect(kinds.filter((kind) => kind.endsWith("axfr"))).toEqual(["plain.pdns.example axfr"]);
    for (const { origin, port } of ZONES.slice(1)) {
      expect(await dump(PORT, origin)).toBe(await dump(port, origin));
    }
  });

  it("are not needed to answer", { timeout: 2 * PATIENT_MS }, async () => {
    for (const primary of primaries) primary.kill();
    await server.stop();
    server = serve();
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    for (const { origin } of ZONES) {
      const asked = ["@127.0.0.1", "-p", String(PORT), "+short", `new.${origin}`, "TXT"];
      expect((await run("dig", asked)).stdout).toBe('"turn 2"\n');
    }
    await server.waitFor("primary.failing", undefined, PATIENT_MS);
  });
});
