// PowerDNS with its bind backend, in a folder of its own, on a loopback port: as livezone's secondary, its
// primary, or both.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import type { Sandbox } from "../support/server-process.ts";

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };

/** One server; `folder` is made when it is. */
export class PowerDns {
  readonly folder: string;
  readonly #box: Sandbox;
  #child: ChildProcess | undefined;

  constructor(box: Sandbox) {
    this.#box = box;
    this.folder = box.file("pdns");
    mkdirSync(this.folder);
  }

  /**
   * Writes what it is told.
   *
   * @param zones its named.conf.
   * @param settings lines of pdns.conf beside those that every one of these tests wants.
   */
  configure(port: number, zones: string, settings: readonly string[]): void {
    const { folder } = this;
    this.write("named.conf", zones);
    const all = [
      ...["launch=bind", `bind-config=${folder}/named.conf`, `socket-dir=${folder}`],
      ...["local-address=127.0.0.1", `local-port=${port}`],
      ...["secondary=yes", "allow-notify-from=127.0.0.1", "xfr-cycle-interval=1"],
      ...["cache-ttl=0", "query-cache-ttl=0", "negquery-cache-ttl=0"],
      ...["zone-cache-refresh-interval=0"],
      ...["guardian=no", "daemon=no", "disable-syslog=yes", "write-pid=no"],
      ...settings,
    ];
    this.write("pdns.conf", `${all.join("\n")}\n`);
  }

  write(name: string, text: string): void {
    this.#box.write(`pdns/${name}`, text);
  }

  /** Runs its tool on its configuration. */
  async util(...args: readonly string[]): Promise<void> {
    await run("pdnsutil", [`--config-dir=${this.folder}`, ...args], { env });
  }

  start(): void {
    const args = [`--config-dir=${this.folder}`];
    this.#child = spawn("pdns_server", args, { stdio: "ignore", env });
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }
}
