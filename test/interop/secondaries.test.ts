// Stock name servers that follow livezone: by NOTIFY and IXFR, signed and not, over a killed primary.

import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import {
  dumpZone,
  hasProgram,
  KEY_FILE,
  KEY_NAME,
  KEY_SECRET,
  type StockSecondary,
  startSecondary,
} from "./name-servers.ts";

const PORT = 18_960;
const PATIENT_MS = 60_000;
const PROGRAMS = ["nsd", "knotd", "named", "dig", "kdig"];
const SECONDARIES: readonly StockSecondary[] = [
  { name: "nsd", port: 18_961, isSigned: false },
  { name: "nsd", port: 18_962, isSigned: true },
  { name: "knot", port: 18_963, isSigned: false },
  { name: "knot", port: 18_964, isSigned: true },
  { name: "bind", port: 18_965, isSigned: false },
  { name: "bind", port: 18_966, isSigned: true },
];

const HOSTS = Array.from({ length: 900 }, (_, i) => `host${i} A 192.0.2.${i % 250}`).join("\n");

function zoneText(serial: number, lines: string): string {
  return `$TTL 300
@    SOA ns admin ${serial} 3600 600 86400 60
@    NS  ns
@    MX  10 Mail.lab.example.
ns   A   192.0.2.53
mail A   192.0.2.25
${HOSTS}
${lines}
`;
}

function dump(port: number, ...args: readonly string[]): Promise<string> {
  return dumpZone(port, "lab.example", ...args);
}

describe.skipIf(!PROGRAMS.every(hasProgram))("stock secondaries", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let children: ChildProcess[] = [];

  function serve(): ServerProcess {
    return new ServerProcess(["serve", box.file("livezone.yaml")]);
  }

  /** Resolves when every secondary has the serial. */
  async function allAt(serial: number): Promise<void> {
    for (const { port } of SECONDARIES) {
      const isMeant = (line: { [field: string]: unknown }): boolean => {
        return line["server"] === `127.0.0.1:${port}` && Number(line["serial"]) >= serial;
      };
      await server.waitFor("secondary.current", isMeant, PATIENT_MS);
    }
  }

  beforeAll(async () => {
    box = sandbox();
    chmodSync(box.write("ns2.key", KEY_FILE), 0o600);
    box.write("lab.example.zone", zoneText(100, "www A 192.0.2.10"));
    const notify = SECONDARIES.map(({ port, isSigned }) => {
      return `{ address: 127.0.0.1, port: ${port}${isSigned ? `, key: ${KEY_NAME}` : ""} }`;
    });
    box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: livezone.db }
keys: [ns2.key]
zones:
  - origin: lab.example
    allowTransfer: [127.0.0.1]
    alsoNotify: [${notify.join(", ")}]
`,
    );
    server = serve();
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    children = SECONDARIES.map((secondary) => startSecondary(secondary, PORT, box));
    await allAt(100);
  }, 2 * PATIENT_MS);

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await server.stop();
    box.remove();
  });

  it("hold what livezone holds, to the letter", { timeout: PATIENT_MS }, async () => {
    const truth = await dump(PORT);
    expect(truth.split("\n")).toHaveLength(906);
    for (const { port } of SECONDARIES) expect(await dump(port)).toBe(truth);
  });

  it("follow edits by IXFR, and a primary that was killed", {
    timeout: 4 * PATIENT_MS,
  }, async () => {
    for (let turn = 1; turn <= 3; turn++) {
      const records = `www 60 A 192.0.2.${turn}\nnew${turn} TXT "turn ${turn}"`;
      box.write("lab.example.zone", zoneText(100 + turn, records));
      await server.waitFor("zone.published", ({ serial }) => serial === 100 + turn, PATIENT_MS);
    }
    await allAt(103);
    const steps = server.lines.filter(({ event }) => event === "transfer.sent");
    const differences = steps.filter(({ kind }) => kind === "ixfr");
    expect(differences.length).toBeGreaterThanOrEqual(SECONDARIES.length);
    server.signal("SIGKILL");
    await server.exited;
    box.write("lab.example.zone", zoneText(5000, "www 60 A 192.0.2.99"));
    server = serve();
    await server.waitFor("server.ready", undefined, PATIENT_MS);
    await allAt(5000);
    const wholes = server.lines.filter(({ event, kind }) => {
      return event === "transfer.sent" && kind === "axfr";
    });
    expect(wholes).toEqual([]);
    const truth = await dump(PORT);
    for (const { port } of SECONDARIES) expect(await dump(port)).toBe(truth);
  });

  it("and dig and kdig take transfers under the key", { timeout: PATIENT_MS }, async () => {
    const key = `hmac-sha256:${KEY_NAME}:${KEY_SECRET}`;
    expect(await dump(PORT, "-y", key)).toBe(await dump(PORT));
    const asked = ["@127.0.0.1", "-p", String(PORT), "-y", key, "lab.example"];
    const kdig = execFileSync("kdig", [...asked, "AXFR"], { encoding: "utf8" });
    expect(kdig).toContain("907 records");
    const ixfr = execFileSync("dig", [...asked, "IXFR=5000"], { encoding: "utf8" });
    expect(ixfr).toContain("XFR size: 1 records");
  });

  it("strangers are refused, and that is said once", { timeout: PATIENT_MS }, async () => {
    const asked = ["@127.0.0.1", "-p", String(PORT), "+noall", "+comments"];
    const strange = `hmac-sha256:other.example:${KEY_SECRET}`;
    const signed = execFileSync("dig", [...asked, "-y", strange, "lab.example", "SOA"]);
    expect(String(signed)).toContain("status: NOTAUTH");
    execFileSync("dig", [...asked, "-y", strange, "lab.example", "SOA"]);
    await server.waitFor("session.refused", undefined, PATIENT_MS);
    const said = server.lines.filter(({ event }) => event === "session.refused");
    expect(said).toHaveLength(1);
    expect(said[0]?.msg).toContain("its signature is not taken: BADKEY");
    expect(JSON.stringify(server.lines)).not.toContain(KEY_SECRET);
  });
});
