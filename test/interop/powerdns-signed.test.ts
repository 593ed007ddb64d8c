// PowerDNS and livezone under a key, both ways: a zone that PowerDNS copies from livezone, and one that
// livezone copies from PowerDNS. Whoever has no key, or another, gets neither.

import { execFile } from "node:child_process";
import { chmodSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { dumpZone, hasProgram, KEY_FILE, KEY_NAME, KEY_SECRET } from "./name-servers.ts";
import { PowerDns } from "./powerdns-server.ts";

const PORT = 18_992;
const PDNS_PORT = 18_993;
const PATIENT_MS = 60_000;
/** Each zone, and what follows it. */
const VERSIONS = [
  [100, "one"],
  [101, "two"],
] as const;
const KEY = ["-y", `hmac-sha256:${KEY_NAME}:${KEY_SECRET}`];
const run = promisify(execFile);

/** REFRESH is long: what comes sooner comes by NOTIFY. */
function zoneText(origin: string, serial: number, text: string): string {
  return `$ORIGIN ${origin}.
$TTL 300
@    SOA ns admin ${serial} 3600 2 86400 60
@    NS  ns
ns   A   192.0.2.53
www  A   192.0.2.10
txt  TXT "${text}"
`;
}

describe.skipIf(!["pdns_server", "pdnsutil", "dig"].every(hasProgram))("PowerDNS, signed", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let pdns: PowerDns | undefined;

  beforeAll(async () => {
    box = sandbox();
    pdns = new PowerDns(box);
    const { folder } = pdns;
    pdns.write("in.example.zone", zoneText("in.example", 100, "one"));
    // Addresses alone open nothing: neither side lets loopback in without the key.
    pdns.configure(
      PDNS_PORT,
      `zone "out.example" { type slave; file "${folder}/out.example.zone"; masters { 127.0.0.1:${PORT}; }; };
zone "in.example" { type master; file "${folder}/in.example.zone"; };
`,
      [
        ...[`bind-dnssec-db=${folder}/keys.db`, "bind-check-interval=1", "allow-axfr-ips="],
        ...["primary=yes", "only-notify=", `also-notify=127.0.0.1:${PORT}`],
      ],
    );
    await pdns.util("create-bind-db", `${folder}/keys.db`);
    await pdns.util("import-tsig-key", KEY_NAME, "hmac-sha256", KEY_SECRET);
    await pdns.util("activate-tsig-key", "out.example", KEY_NAME, "secondary");
    await pdns.util("activate-tsig-key", "in.example", KEY_NAME, "primary");
    chmodSync(box.write("ns2.key", KEY_FILE), 0o600);
    box.write("out.example.zone", zoneText("out.example", 100, "one"));
    box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: livezone.db }
keys: [ns2.key]
zones:
  - origin: out.example
    allowTransfer: [{ key: ${KEY_NAME} }]
    alsoNotify: [{ address: 127.0.0.1, port: ${PDNS_PORT}, key: ${KEY_NAME} }]
  - origin: in.example
    primary: { address: 127.0.0.1, port: ${PDNS_PORT}, key: ${KEY_NAME} }
    allowTransfer: [{ key: ${KEY_NAME} }]
`,
    );
    pdns.start();
    server = new ServerProcess(["serve", box.file("livezone.yaml")]);
    await server.waitFor("server.ready", undefined, PATIENT_MS);
  }, 2 * PATIENT_MS);

  afterAll(async () => {
    pdns?.kill();
    await server.stop();
    box.remove();
  });

  it("copies from livezone under the key, told by a signed NOTIFY", {
    timeout: 4 * PATIENT_MS,
  }, async () => {
    for (const [serial, text] of VERSIONS) {
      box.write("out.example.zone", zoneText("out.example", serial, text));
      const isMeant = (line: { [field: string]: unknown }): boolean => {
        return line["zone"] === "out.example" && Number(line["serial"]) >= serial;
      };
      await server.waitFor("secondary.current", isMeant, PATIENT_MS);
      const sent = server.lines.filter((line) => line.event === "transfer.sent" && isMeant(line));
      expect(sent.at(-1)).toMatchObject({ key: KEY_NAME });
      expect(await answered(PDNS_PORT, "txt.out.example")).toBe(`"${text}"`);
    }
  });

  it("is copied by livezone under the key, told by its NOTIFY", {
    timeout: 4 * PATIENT_MS,
  }, async () => {
    for (const [serial, text] of VERSIONS) {
      // It looks at times in whole seconds: a file written twice in one would be read once.
      if (serial > 100) pdns?.write("in.example.zone", zoneText("in.example", serial, text));
      const isMeant = (line: { [field: string]: unknown }): boolean => line["serial"] === serial;
      await server.waitFor("transfer.received", isMeant, PATIENT_MS);
      const truth = await dumpZone(PDNS_PORT, "in.example", ...KEY);
      expect(truth.split("\n")).toHaveLength(5);
      expect(truth).toContain(`"${text}"`);
      expect(await dumpZone(PORT, "in.example", ...KEY)).toBe(truth);
    }
  });

  it("neither hands anything out without the key, or under another", {
    timeout: PATIENT_MS,
  }, async () => {
    const other = ["-y", `hmac-sha256:${KEY_NAME}:${Buffer.alloc(32).toString("base64")}`];
    for (const port of [PORT, PDNS_PORT]) {
      for (const origin of ["in.example", "out.example"]) {
        expect(await dumpZone(port, origin)).toBe("");
        expect(await dumpZone(port, origin, ...other)).toBe("");
      }
    }
  });
});

/** The TXT data of a name. */
async function answered(port: number, name: string): Promise<string> {
  const asked = ["@127.0.0.1", "-p", String(port), "+short", name, "TXT"];
  return (await run("dig", asked)).stdout.trim();
}
