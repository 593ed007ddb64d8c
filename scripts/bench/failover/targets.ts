// Two web targets and what befalls the first of them. All of it happens inside a network namespace
// of the bench's own, so that rules and addresses are gone with it.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

export const PRIMARY = "127.9.0.1";
export const BACKUP = "127.9.0.2";
export const TARGET_PORT = 8080;

const SCRIPT = new URL("./target.mjs", import.meta.url).pathname;
const FLAP_PERIOD_MS = 20_000;

/** Something that befalls the primary. */
export interface Fault {
  readonly name: string;
  /** In words, for the table. */
  readonly title: string;
  /**
   * From the fault to the first changed answer, the worst that is asked of livezone, in seconds: at
   * its defaults, and at `interval: 1s, timeout: 1s`. Undefined: no change of the answer is asked for.
   */
  readonly limits: readonly [number, number] | undefined;
  /** The most swaps that are good, where they are counted instead. */
  readonly swapsMax?: number;
  /** How long swaps are counted, or a change is waited for, at most. */
  readonly watchMs: number;
  begin(targets: Targets): void | Promise<void>;
}

const DETECT_MS = 150_000;

/** Every fault of the table. */
export const FAULTS: readonly Fault[] = [
  {
    ...{ name: "killed", title: "process killed (SIGKILL)", limits: [0.3, 2.5] },
    watchMs: DETECT_MS,
    begin: (targets) => targets.kill(),
  },
  {
    ...{ name: "black-hole", title: "black hole (packets dropped)", limits: [5.5, 2.5] },
    watchMs: DETECT_MS,
    begin: (targets) => targets.drop(100),
  },
  {
    ...{ name: "stopped", title: "process stopped (SIGSTOP)", limits: [7.5, 2.5] },
    watchMs: DETECT_MS,
    begin: (targets) => targets.signal("SIGSTOP"),
  },
  {
    ...{ name: "status-500", title: "status 500", limits: [6, 2.5] },
    watchMs: DETECT_MS,
    begin: (targets) => targets.signal("SIGUSR2"),
  },
  {
    ...{ name: "loss", title: "40 % of packets lost", limits: [60, 20] },
    watchMs: DETECT_MS,
    begin: (targets) => targets.drop(40),
  },
  {
    ...{ name: "restart", title: "restart in place, gone for 300 ms", limits: undefined },
    ...{ swapsMax: 0, watchMs: 15_000 },
    begin: (targets) => targets.signal("SIGUSR1"),
  },
  {
    ...{ name: "flapping", title: "10 s down, 10 s up, by turns", limits: undefined },
    ...{ swapsMax: 4, watchMs: 400_000 },
    begin: (targets) => targets.flap(),
  },
];

/** The two targets, running. */
export class Targets {
  #primary: ChildProcess | undefined;
  #backup: ChildProcess | undefined;
  #isFlapping = false;

  /** Both are up and nothing is in their way. */
  async start(): Promise<void> {
    nft("flush ruleset");
    this.#primary = await startTarget(PRIMARY);
    this.#backup = await startTarget(BACKUP);
  }

  kill(): void {
    this.#primary?.kill("SIGKILL");
  }

  signal(signal: NodeJS.Signals): void {
    this.#primary?.kill(signal);
  }

  /** Drops a share of the packets to and from the primary, in percent. */
  drop(percent: number): void {
    const rules = ["daddr", "saddr"].map((side) => {
      const some = percent === 100 ? "" : `numgen random mod 100 < ${percent} `;
      return `add rule ip bench out ip ${side} ${PRIMARY} ${some}drop`;
    });
    nft(
      ["add table ip bench", "add chain ip bench out { type filter hook output priority 0; }"]
        .concat(rules)
        .join("\n"),
    );
  }

  /** Kills and starts it by turns until `stop`. */
  async flap(): Promise<void> {
    this.#isFlapping = true;
    void (async () => {
      while (this.#isFlapping) {
        this.kill();
        await sleep(FLAP_PERIOD_MS / 2);
        if (this.#isFlapping) this.#primary = await startTarget(PRIMARY);
        await sleep(FLAP_PERIOD_MS / 2);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#isFlapping = false;
    nft("flush ruleset");
    for (const child of [this.#primary, this.#backup]) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      // A stopped process dies of this signal too.
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  }
}

async function startTarget(address: string): Promise<ChildProcess> {
  const args = [SCRIPT, address, String(TARGET_PORT)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

function nft(rules: string): void {
  const run = spawnSync("nft", ["-f", "-"], { input: `${rules}\n`, encoding: "utf8" });
  if (run.status === 0) return;
  throw new Error(`Cannot set packet rules: nft says ${run.stderr}`, { cause: run.error });
}
