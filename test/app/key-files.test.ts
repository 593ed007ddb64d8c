// TSIG key files that change while the server runs: followed, and never made worse.

import { execFile } from "node:child_process";
import { chmodSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasProgram } from "../interop/name-servers.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const run = promisify(execFile);
const PORT = 18_857;
const FIRST = Buffer.alloc(32, 1).toString("base64");
const SECOND = Buffer.alloc(32, 2).toString("base64");
const THIRD = Buffer.alloc(32, 3).toString("base64");
const ZONE = "$TTL 60\n@ SOA ns a 1 1 1 1 1\n@ NS ns\nns A 192.0.2.53\n";

describe.skipIf(!hasProgram("dig"))("livezone serve with TSIG keys", () => {
  let box: Sandbox;
  let server: ServerProcess;

  function writeKey(content: string): void {
    chmodSync(box.write("x.key", content), 0o600);
  }

  /** Whether the zone is given out to who signs with the secret. */
  async function isTaken(secret: string): Promise<boolean> {
    const signed = ["-y", `hmac-sha256:x.example:${secret}`, "a.example", "AXFR"];
    const asked = ["@127.0.0.1", "-p", String(PORT), "+noall", "+answer", ...signed];
    const { stdout } = await run("dig", asked).catch(({ stdout }: { stdout: string }) => {
      return { stdout };
    });
    return stdout.includes("192.0.2.53");
  }

  beforeAll(async () => {
    box = sandbox();
    box.write("a.example.zone", ZONE);
    writeKey(`hmac-sha256:x.example:${FIRST}\n`);
    const config = box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT}]
store: { path: ":memory:" }
keys: [x.key]
zones: [{ origin: a.example, allowTransfer: [{ key: x.example }] }]
`,
    );
    server = new ServerProcess(["serve", config]);
    await server.waitFor("server.ready");
  });

  afterAll(async () => {
    await server.stop();
    box.remove();
  });

  it("takes the secret that the file holds now, and no longer the one before", async () => {
    expect([await isTaken(FIRST), await isTaken(SECOND)]).toEqual([true, false]);
    writeKey(`hmac-sha256:x.example:${SECOND}\n`);
    server.signal("SIGHUP");
    const loaded = await server.waitFor("keys.loaded");
    expect(loaded["names"]).toEqual(["x.example"]);
    expect(JSON.stringify(server.lines)).not.toContain(SECOND);
    expect([await isTaken(FIRST), await isTaken(SECOND)]).toEqual([false, true]);
  });

  it("keeps what it has where a file is bad or lacks a key that is named", async () => {
    const bad = [
      ["hmac-sha256:x.example:short", 'gives key "x.example" a secret below 16 octets'],
      [`hmac-sha256:y.example:${THIRD}`, 'no key file holds "x.example" any more'],
      [`hmac-sha512:x.example:${THIRD}\nhmac-sha256:x.example:${THIRD}`, "is there twice"],
    ] as const;
    for (const [content, why] of bad) {
      writeKey(`${content}\n`);
      server.signal("SIGHUP");
      const line = await server.waitFor("keys.rejected", ({ msg }) => msg.includes(why));
      expect(line.msg).toContain("the old ones go on");
      expect(line.msg).not.toContain(THIRD);
      expect([await isTaken(SECOND), await isTaken(THIRD)]).toEqual([true, false]);
    }
  });

  it("takes one that was open to others once its mode is mended", async () => {
    chmodSync(box.file("x.key"), 0o644);
    box.write("x.key", `hmac-sha256:x.example:${THIRD}\n`);
    await server.waitFor("keys.rejected", ({ msg }) => msg.includes("chmod 600 it"));
    expect(await isTaken(THIRD)).toBe(false);
    chmodSync(box.file("x.key"), 0o600);
    server.signal("SIGHUP");
    const isThird = (): boolean => {
      return server.lines.filter((line) => line.event === "keys.loaded").length === 2;
    };
    await server.waitFor("keys.loaded", isThird);
    expect([await isTaken(SECOND), await isTaken(THIRD)]).toEqual([false, true]);
  });
});
