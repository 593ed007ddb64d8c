// The kind postgres against Debian's PostgreSQL: a primary, its standby, every way to log in.

import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, chownSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PostgresAsk } from "../../src/config/ask.ts";
import { type At, postgresAsk } from "./asks.ts";
import { Daemon, freshFolder } from "./daemon.ts";
import { Recorder } from "./recorder.ts";
import { freePort } from "./servers.ts";

const BIN = "/usr/lib/postgresql/15/bin";
const ADDRESS = "127.0.0.29";

/** PostgreSQL does not run as root: its own user does, where there is one. */
function ownUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0)
    return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const [uid, gid] = ["-u", "-g"].map((flag) => {
    const { stdout } = spawnSync("id", [flag, "postgres"]);
    return Number.parseInt(String(stdout), 10);
  });
  return uid === undefined || gid === undefined || Number.isNaN(uid) ? undefined : { uid, gid };
}

const USER = existsSync(`${BIN}/postgres`) ? ownUser() : undefined;

const HBA = `
local all all trust
local replication all trust
host all trusted all trust
host all plain all password
host all hashed all md5
host all salted all scram-sha-256
host replication all all trust
host all nobody all reject
`;

describe.skipIf(USER === undefined)("kind postgres, against PostgreSQL 15,", () => {
  const recorder = new Recorder();
  const daemons: Daemon[] = [];
  let primary: At;
  let standby: At;

  function run(program: string, ...options: string[]): string {
    return execFileSync(`${BIN}/${program}`, options, {
      ...USER,
      cwd: "/tmp",
      stdio: "pipe",
    }).toString();
  }

  async function start(folder: string, port: number): Promise<At> {
    const data = join(folder, "data");
    const settings = { listen_addresses: ADDRESS, port, unix_socket_directories: folder };
    const options = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const quick = ["-c", "fsync=off", "-c", "max_connections=20", "-c", "shared_buffers=1MB"];
    const daemon = new Daemon(`${BIN}/postgres`, ["-D", data, ...options, ...quick], folder, USER);
    daemons.push(daemon);
    await daemon.until(
      async () => spawnSync(`${BIN}/pg_isready`, ["-h", ADDRESS, "-p", `${port}`]).status === 0,
    );
    return { address: ADDRESS, port };
  }

  async function ownFolder(name: string): Promise<string> {
    const folder = await freshFolder(name);
    chownSync(folder, USER?.uid ?? 0, USER?.gid ?? 0);
    return folder;
  }

  beforeAll(async () => {
    const [folder, copy] = [await ownFolder("pg"), await ownFolder("pg")];
    run("initdb", "-D", join(folder, "data"), "-U", "admin", "-A", "trust", "--no-sync");
    writeFileSync(join(folder, "data/pg_hba.conf"), HBA);
    primary = await start(folder, await freePort(ADDRESS));
    const sql = `
      CREATE ROLE trusted LOGIN;
      CREATE ROLE plain LOGIN PASSWORD 'pä55';
      CREATE ROLE salted LOGIN PASSWORD 'pä55';
      SET password_encryption = 'md5';
      CREATE ROLE hashed LOGIN PASSWORD 'pä55';`;
    run("psql", "-h", folder, "-p", `${primary.port}`, "-U", "admin", "-d", "postgres", "-c", sql);
    const from = ["-h", folder, "-p", `${primary.port}`, "-U", "admin"];
    run("pg_basebackup", ...from, "-D", join(copy, "data"), "-R", "--no-sync", "-c", "fast");
    standby = await start(copy, await freePort(ADDRESS));
  }, 120_000);

  afterEach(() => recorder.prober.unwatch("t"));
  afterAll(() => Promise.all(daemons.map((daemon) => daemon.stop())));

  async function observe(at: At, options: Partial<PostgresAsk> = {}) {
    recorder.prober.watch("t", postgresAsk(at, options), undefined);
    const { code, detail } = await recorder.observe("t", { timeoutMs: 5000 });
    return `${code} ${detail}`.trim();
  }

  it("is alive without a login, whatever it thinks of us", async () => {
    expect(await observe(primary)).toBe("ok");
    expect(await observe(standby)).toBe("ok");
    expect(await observe(primary, { user: "salted" })).toBe("ok");
    expect(await observe(primary, { user: "nobody" })).toBe("ok");
    expect(await observe(primary, { user: "trusted" })).toBe("ok");
    expect(await observe(primary, { user: "trusted", database: "none" })).toBe("ok");
  });

  it("tells a primary from a standby", async () => {
    const user = "trusted";
    expect(await observe(primary, { user, role: "primary" })).toBe("ok");
    expect(await observe(standby, { user, role: "standby" })).toBe("ok");
    expect(await observe(standby, { user, role: "primary" })).toBe(
      "role-mismatch role standby, expected primary",
    );
  });

  it.each(["plain", "hashed", "salted"])(
    "lets user %s in with the right password",
    async (user) => {
      expect(await observe(primary, { user, password: "pä55", role: "primary" })).toBe("ok");
      expect(await observe(standby, { user, password: "pä55", role: "standby" })).toBe("ok");
      expect(await observe(primary, { user, password: "wrong" })).toMatch(
        /^prober-config 28P01: "password authentication failed/,
      );
      expect(await observe(primary, { user, role: "primary" })).toBe(
        `prober-config user "${user}" needs a password to be told the role`,
      );
    },
  );

  it("is blamed for nothing that is wrong with our login", async () => {
    const role = "primary";
    expect(await observe(primary, { user: "trusted", database: "none", role })).toMatch(
      /^prober-config 3D000: "database/,
    );
    expect(await observe(primary, { user: "nobody", role })).toMatch(/^prober-config 28000: /);
  });

  it("refuses everybody while it starts: service-refused", async () => {
    const folder = await ownFolder("pg");
    run("initdb", "-D", join(folder, "data"), "-U", "admin", "-A", "trust", "--no-sync");
    // A standby that never gets the log it waits for does not become consistent.
    writeFileSync(join(folder, "data/standby.signal"), "");
    appendFileSync(join(folder, "data/postgresql.conf"), "hot_standby = off\n");
    const port = await freePort(ADDRESS);
    const options = ["-c", `listen_addresses=${ADDRESS}`, "-c", `port=${port}`, "-k", folder];
    const daemon = new Daemon(
      `${BIN}/postgres`,
      ["-D", join(folder, "data"), ...options],
      folder,
      USER,
    );
    daemons.push(daemon);
    await daemon.until(
      async () => spawnSync(`${BIN}/pg_isready`, ["-h", ADDRESS, "-p", `${port}`]).status === 1,
    );
    expect(await observe({ address: ADDRESS, port })).toMatch(
      /^service-refused 57P03: "the database/,
    );
  });
});
