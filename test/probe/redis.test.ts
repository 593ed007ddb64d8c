// The kind redis against Debian's redis-server: a primary, its standby, one that wants a password.

import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RedisAsk } from "../../src/config/ask.ts";
import { type At, redisAsk } from "./asks.ts";
import { Daemon, freshFolder } from "./daemon.ts";
import { Recorder } from "./recorder.ts";
import { freePort } from "./servers.ts";

const HAS_REDIS = spawnSync("redis-server", ["--version"]).status === 0;
const ADDRESS = "127.0.0.28";

describe.skipIf(!HAS_REDIS)("kind redis, against redis-server,", () => {
  const recorder = new Recorder();
  const daemons: Daemon[] = [];
  let primary: At;
  let standby: At;
  let locked: At;

  async function start(...options: string[]): Promise<At> {
    const port = await freePort(ADDRESS);
    const dir = await freshFolder("redis");
    const settings = ["--port", String(port), "--bind", ADDRESS, "--dir", dir, "--save", ""];
    const daemon = new Daemon("redis-server", [...settings, ...options], dir);
    daemons.push(daemon);
    await daemon.until(() => isListening(port));
    return { address: ADDRESS, port };
  }

  beforeAll(async () => {
    primary = await start();
    standby = await start("--replicaof", `${ADDRESS} ${primary.port}`);
    locked = await start("--requirepass", "s3cret");
  }, 30_000);

  afterEach(() => recorder.prober.unwatch("t"));
  afterAll(() => Promise.all(daemons.map((daemon) => daemon.stop())));

  async function observe(at: At, options: Partial<RedisAsk> = {}) {
    recorder.prober.watch("t", redisAsk(at, options), undefined);
    const { code, detail } = await recorder.observe("t");
    return `${code} ${detail}`.trim();
  }

  it("is answered", async () => {
    expect(await observe(primary)).toBe("ok");
    expect(await observe(standby)).toBe("ok");
  });

  it("tells a primary from a standby", async () => {
    expect(await observe(primary, { role: "primary" })).toBe("ok");
    expect(await observe(standby, { role: "standby" })).toBe("ok");
    expect(await observe(primary, { role: "standby" })).toBe(
      "role-mismatch role primary, expected standby",
    );
  });

  it("logs in only where it was told to, and blames itself for a bad login", async () => {
    expect(await observe(locked)).toBe("ok");
    expect(await observe(locked, { role: "primary" })).toMatch(/^prober-config PING: "NOAUTH /);
    expect(await observe(locked, { role: "primary", password: "s3cret" })).toBe("ok");
    expect(await observe(locked, { password: "wrong" })).toMatch(/^prober-config AUTH: "WRONGPASS/);
    const folder = await freshFolder("secret");
    const passwordFile = join(folder, "secret");
    writeFileSync(passwordFile, "s3cret\n");
    chmodSync(passwordFile, 0o600);
    expect(await observe(locked, { user: "default", passwordFile })).toBe("ok");
    expect(await observe(locked, { passwordFile: `${passwordFile}.not` })).toMatch(
      /^prober-config/,
    );
    await rm(folder, { recursive: true });
  });

  it("holds a tripwire, and is refused when it is gone", async () => {
    const at = await start();
    recorder.prober.watch("t", redisAsk(at, { tripwire: true }), "idle");
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    await recorder.until(() => recorder.states.includes("armed"));
    await daemons.at(-1)?.stop();
    await recorder.until(() => recorder.of("tripped").length > 0);
    expect(await recorder.observe("t")).toMatchObject({ code: "connect-refused", isHard: true });
  });
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, ADDRESS, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
