// A PostgreSQL primary with a synchronous standby, of Debian's packages: what is acknowledged is on both.
// Its data lies outside the repository, whose folders PostgreSQL's own user may not be able to enter.

import { appendFileSync, chmodSync, chownSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inside } from "../network.ts";
import { HOSTS, NETWORK, type Site, SQL_PORT } from "../plan.ts";
import { LabError, run, runLong } from "../run-program.ts";
import { killAll, type Service, startService } from "../service.ts";

/** Who has a database. */
export type DatabaseHost = "db1" | "db2";

const SYNCHRONOUS_MS = 20_000;

/** The folder of a host's data, and of nothing else. */
function folderOf(site: Site, host: DatabaseHost): string {
  return join(tmpdir(), `${site.prefix}-${host}`);
}

/** PostgreSQL as it runs on one of the two. */
export function database(host: DatabaseHost): Service {
  return {
    port: SQL_PORT,
    prepare: () => undefined,
    launch: (site) => asPostgres("postgres", "-D", join(folderOf(site, host), "data")),
  };
}

/** Makes a new primary on db1 with an empty table, and its synchronous standby on db2; starts both. */
export async function setUpDatabases(site: Site): Promise<void> {
  removeDatabases(site);
  const data = join(emptyFolder(site, "db1"), "data");
  await runLong(asPostgres("initdb", "-D", data, "-U", "admin", "-A", "trust", "--no-sync"));
  appendFileSync(join(data, "pg_hba.conf"), hbaLines());
  // The lab kills processes, not machines: what was written to files is there.
  const listen = ["listen_addresses = '*'", "unix_socket_directories = ''"];
  const settings = [...listen, "fsync = off", "shared_buffers = 16MB"];
  const own = [...settings, "wal_keep_size = 64MB", "wal_log_hints = on", "max_connections = 40"];
  appendFileSync(join(data, "postgresql.conf"), `\n${own.join("\n")}\n`);
  await startService(site, "db1", database("db1"));
  ask(site, "db1", "CREATE ROLE livezone LOGIN; CREATE TABLE rows (n integer PRIMARY KEY)");
  await follow(site, "db2", "db1");
}

/** Makes a host a synchronous standby of the other, from a fresh copy of its data. */
export async function follow(
  site: Site,
  standby: DatabaseHost,
  primary: DatabaseHost,
): Promise<void> {
  await killAll([site.namespace(standby)]);
  const folder = emptyFolder(site, standby);
  const from = `host=${HOSTS[primary].address} user=admin application_name=${standby}`;
  const copy = ["pg_basebackup", "-d", from, "-D", join(folder, "data"), "-R", "-c", "fast"];
  await runLong(inside(site, standby, asPostgres(...copy, "--no-sync")));
  await startService(site, standby, database(standby));
  ask(site, primary, `ALTER SYSTEM SET synchronous_standby_names = '${standby}'`);
  ask(site, primary, "SELECT pg_reload_conf()");
  const deadlineMs = performance.now() + SYNCHRONOUS_MS;
  while (ask(site, primary, "SELECT sync_state FROM pg_stat_replication") !== "sync") {
    if (performance.now() > deadlineMs) {
      throw new LabError(`Cannot make ${standby} a standby of ${primary}: it does not catch up`);
    }
    await sleep(50);
  }
}

/** Takes the data of both away. Nothing runs on them any more. */
export function removeDatabases(site: Site): void {
  for (const host of ["db1", "db2"] as const) {
    rmSync(folderOf(site, host), { recursive: true, force: true });
  }
}

function ask(site: Site, host: DatabaseHost, sql: string): string {
  const to = ["-h", HOSTS[host].address, "-U", "admin", "-d", "postgres"];
  return run(inside(site, host, ["psql", "-qtAw", ...to, "-c", sql])).trim();
}

function emptyFolder(site: Site, host: DatabaseHost): string {
  const folder = folderOf(site, host);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  chownSync(folder, Number(run(["id", "-u", "postgres"])), Number(run(["id", "-g", "postgres"])));
  return folder;
}

/** PostgreSQL refuses to run as root. */
function asPostgres(...words: readonly string[]): readonly string[] {
  return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", ...words];
}

/** Everybody in the lab's own network may do everything: there is nobody else. */
function hbaLines(): string {
  return ["all", "replication"].map((what) => `host ${what} all ${NETWORK}.0/24 trust\n`).join("");
}
