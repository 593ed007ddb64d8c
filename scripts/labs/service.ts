// Services of the lab: started inside their host's namespace, found and ended through it. No list of
// process ids is kept anywhere, so nothing can be left over after a crash, or be ended by mistake.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { inside, processesIn } from "./network.ts";
import { HOSTS, type HostName, type Site } from "./plan.ts";
import { attempt, LAB_ENVIRONMENT, LabError } from "./run-program.ts";

/** What runs on one host. */
export interface Service {
  /** TCP port on which it is there once it can be used. */
  readonly port: number;
  /** Writes its configuration into its own folder of the site, which is empty at first. */
  prepare(site: Site): void;
  /** The program and its arguments. */
  launch(site: Site): readonly string[];
}

const READY_MS = 30_000;
const GONE_MS = 5000;
const LOOK_MS = 20;

/** The log of a host's service: what it prints. */
export function logOf(site: Site, host: HostName): string {
  return site.file("log", `${host}.log`);
}

/** Starts a host's service, which outlives this program; resolves as soon as it can be used. */
export async function startService(site: Site, host: HostName, service: Service): Promise<void> {
  const child = launchService(site, host, service);
  const { address } = HOSTS[host];
  const connect = ["bash", "-c", `exec 3<>/dev/tcp/${address}/${service.port}`];
  const deadlineMs = performance.now() + READY_MS;
  while (!attempt(inside(site, host, connect)).isGood) {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone || performance.now() > deadlineMs) {
      const state = isGone ? "it ended" : "it does not listen";
      const [said = ""] = readFileSync(logOf(site, host), "utf8").trimEnd().split("\n").slice(-1);
      throw new LabError(`Cannot start ${host}: ${state}; its log ends with: ${said}`);
    }
    await sleep(LOOK_MS);
  }
}

/** Starts a host's service and does not wait for it. */
export function launchService(site: Site, host: HostName, service: Service): ChildProcess {
  mkdirSync(site.file("log"), { recursive: true });
  const log = openSync(logOf(site, host), "a");
  const [program = "", ...args] = inside(site, host, service.launch(site));
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: LAB_ENVIRONMENT,
  });
  child.on("error", () => undefined);
  child.unref();
  closeSync(log);
  return child;
}

/** Whether anything runs on a host. */
export function isRunning(site: Site, host: HostName): boolean {
  return processesIn(site.namespace(host)).length > 0;
}

/** Sends a signal to everything that runs on a host. */
export function signalHost(site: Site, host: HostName, signal: NodeJS.Signals): void {
  for (const pid of processesIn(site.namespace(host))) signalProcess(pid, signal);
}

/** Ends everything that runs in these namespaces, at once, and resolves when it is gone. */
export async function killAll(namespaces: readonly string[]): Promise<void> {
  const deadlineMs = performance.now() + GONE_MS;
  for (;;) {
    const left = namespaces.flatMap((namespace) => processesIn(namespace));
    if (left.length === 0) return;
    if (performance.now() > deadlineMs) {
      throw new LabError(`Cannot end processes ${left.join(", ")}: they are still there`);
    }
    for (const pid of left) signalProcess(pid, "SIGKILL");
    await sleep(LOOK_MS);
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
